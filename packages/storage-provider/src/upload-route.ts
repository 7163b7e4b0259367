import { createHash, timingSafeEqual } from "node:crypto";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { BlobFacts, BlobRecord } from "./blob-store.js";
import {
  createSingleFileParser,
  maxEnvelopeBytes,
  multipartBoundary,
} from "./multipart.js";
import { checkAnnounced, receiveFile } from "./receive-file.js";
import type { Service } from "./service.js";
import { StorageProviderError } from "./storage-provider-error.js";
import type { BlobId } from "./ticket.js";

/** What the uploader gets. */
interface UploadAnswer {
  readonly downloadUrl: string;
  readonly expiresAt: string;
  readonly size: number;
  readonly sha256: string;
}

/** Stands for the hash of an idempotency key that was not sent. */
export const noIdempotencyKey = new Uint8Array(32);

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
    const boundary = multipartBoundary(request.headers["content-type"]);
    checkAnnounced(request, ticket, maxEnvelopeBytes);
    const received = await receiveFile(service, request, reply, {
      ticket,
      parser: createSingleFileParser(boundary),
      idempotencyKeyHash: keyHash,
    });
    switch (received.outcome) {
      case "gone":
        return reply.hijack();
      case "taken": {
        const winner = await service.store.find(ticket.blobId);
        throw takenProblem(service, ticket.blobId, winner, keyHash);
      }
      case "stored": {
        const answer = uploadAnswer(service, ticket.blobId, received.facts);
        reply.code(201).header("location", answer.downloadUrl);
        return answer;
      }
    }
  });
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
    (timingSafeEqual(record.idempotencyKeyHash, noIdempotencyKey) ||
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
  if (key === undefined) return noIdempotencyKey;
  if (typeof key !== "string" || key.length < 16 || key.length > 256) {
    throw new StorageProviderError(
      "request-malformed",
      "Idempotency-Key: expected one value of 16 to 256 characters",
    );
  }
  return Uint8Array.from(createHash("sha256").update(key, "latin1").digest());
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
