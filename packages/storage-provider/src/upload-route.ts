import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { BlobFacts, BlobRecord } from "./blob-store.js";
import { sendContinue } from "./expect-continue.js";
import {
  createSingleFileParser,
  maxEnvelopeBytes,
  multipartBoundary,
} from "./multipart.js";
import { connectionLost, readBody } from "./read-body.js";
import type { Service } from "./service.js";
import { StorageProviderError } from "./storage-provider-error.js";
import type { BlobId, Ticket } from "./ticket.js";

/** What the uploader gets. */
interface UploadAnswer {
  readonly downloadUrl: string;
  readonly expiresAt: string;
  readonly size: number;
  readonly sha256: string;
}

const noKey = new Uint8Array(32);

/** `POST /backups`: one file into the place that a ticket names. */
export function uploadRoute(app: FastifyInstance, service: Service): void {
  app.post("/backups", async (request, reply) => {
    const ticket = service.tickets.verify(ticketOf(request.query));
    const keyHash = idempotencyKeyHash(request);
    const taken = await service.store.find(ticket.blobId);
    if (taken !== undefined) {
      throw takenProblem(service, ticket.blobId, taken, keyHash);
    }
    if (ticket.expiresAtMs <= service.clock.nowMs()) {
      throw new StorageProviderError(
        "ticket-expired",
        "the ticket has expired",
      );
    }
    const boundary = uploadBoundary(request, ticket);
    if ((await step(service, reply, "accepted")) === "drop") {
      return reply.hijack();
    }
    // The body has a pace of its own, and making it durable may take longer than a silence may.
    request.raw.socket.setTimeout(0);
    sendContinue(request.raw, reply.raw);
    const facts = await receive(service, request, reply, ticket, {
      boundary,
      keyHash,
    });
    // The client left, or a test dropped it: there is nobody to answer.
    if (facts === undefined) return reply.hijack();
    const answer = uploadAnswer(service, ticket.blobId, facts);
    reply.code(201).header("location", answer.downloadUrl);
    return answer;
  });
}

async function receive(
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
  ticket: Ticket,
  upload: { readonly boundary: string; readonly keyHash: Uint8Array },
): Promise<BlobFacts | undefined> {
  const parser = createSingleFileParser(upload.boundary);
  const hash = createHash("sha256");
  let size = 0;
  const writer = await service.store.create(ticket.blobId);
  try {
    const end = await readBody(request.raw, service.pace, (chunk) => {
      let wait: Promise<void> | undefined;
      for (const bytes of parser.push(chunk)) {
        size += bytes.byteLength;
        if (size > ticket.maxBytes) throw tooLarge(ticket);
        hash.update(bytes);
        wait = writer.write(bytes) ?? wait;
      }
      return wait;
    });
    if (end === connectionLost) return undefined;
    parser.end();
    if (size === 0) {
      throw new StorageProviderError("file-missing", "the file is empty");
    }
    if ((await step(service, reply, "received")) === "drop") return undefined;
    const nowMs = service.clock.nowMs();
    const facts: BlobFacts = {
      size,
      sha256: hash.digest(),
      createdAtMs: nowMs,
      expiresAtMs: nowMs + service.retentionMs,
      ticketExpiresAtMs: ticket.expiresAtMs,
      idempotencyKeyHash: upload.keyHash,
    };
    if ((await writer.commit(facts)) === "taken") {
      const winner = await service.store.find(ticket.blobId);
      throw takenProblem(service, ticket.blobId, winner, upload.keyHash);
    }
    return (await step(service, reply, "stored")) === "drop"
      ? undefined
      : facts;
  } finally {
    await writer.abort();
  }
}

function uploadBoundary(request: FastifyRequest, ticket: Ticket): string {
  if ((request.headers["content-encoding"] ?? "identity") !== "identity") {
    throw new StorageProviderError(
      "media-type",
      "expected a body without Content-Encoding",
    );
  }
  const boundary = multipartBoundary(request.headers["content-type"]);
  const length = Number(request.headers["content-length"] ?? 0);
  if (length > ticket.maxBytes + maxEnvelopeBytes) throw tooLarge(ticket);
  return boundary;
}

function tooLarge(ticket: Ticket): StorageProviderError {
  return new StorageProviderError(
    "too-large",
    `the ticket admits ${ticket.maxBytes} bytes`,
    { members: { maxBytes: ticket.maxBytes } },
  );
}

/** An upload that ended before its answer was read is found again here: the problem says what the 201 said. */
function takenProblem(
  service: Service,
  id: BlobId,
  record: BlobRecord | undefined,
  keyHash: Uint8Array,
): StorageProviderError {
  if (record?.state === "withdrawn") {
    return new StorageProviderError("withdrawn", "the ticket was withdrawn");
  }
  const tell =
    record !== undefined &&
    record.expiresAtMs > service.clock.nowMs() &&
    // Whoever sent a key wants nobody to learn the result who only knows the upload address.
    (timingSafeEqual(record.idempotencyKeyHash, noKey) ||
      timingSafeEqual(record.idempotencyKeyHash, keyHash));
  return new StorageProviderError("used", "the ticket has been used", {
    members: tell ? { ...uploadAnswer(service, id, record) } : {},
  });
}

function uploadAnswer(
  service: Service,
  id: BlobId,
  facts: BlobFacts,
): UploadAnswer {
  return {
    downloadUrl: `${service.publicUrl()}/backups/${id}`,
    expiresAt: new Date(facts.expiresAtMs).toISOString(),
    size: facts.size,
    sha256: Buffer.from(facts.sha256).toString("hex"),
  };
}

function idempotencyKeyHash(request: FastifyRequest): Uint8Array {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return noKey;
  if (typeof key !== "string" || key.length < 16 || key.length > 256) {
    throw new StorageProviderError(
      "request-malformed",
      "Idempotency-Key: expected one value of 16 to 256 characters",
    );
  }
  return createHash("sha256").update(key, "latin1").digest();
}

function ticketOf(query: unknown): string | undefined {
  if (typeof query !== "object" || query === null || !("ticket" in query)) {
    return undefined;
  }
  if (typeof query.ticket !== "string") {
    throw new StorageProviderError("ticket-invalid", "expected one ticket");
  }
  return query.ticket;
}

async function step(
  service: Service,
  reply: FastifyReply,
  at: "accepted" | "received" | "stored",
): Promise<"continue" | "drop"> {
  if ((await service.hooks.uploadStep?.(at)) !== "drop") return "continue";
  reply.raw.destroy();
  return "drop";
}
