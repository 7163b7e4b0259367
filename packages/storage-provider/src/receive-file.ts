import { createHash } from "node:crypto";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { BlobFacts } from "./blob-store.js";
import { sendContinue } from "./expect-continue.js";
import { connectionLost, readBody } from "./read-body.js";
import type { Service, UploadStep } from "./service.js";
import { StorageProviderError } from "./storage-provider-error.js";
import type { Ticket } from "./ticket.js";

/** Finds the bytes of one file in a body. */
export interface FileParser {
  /** @returns bytes of the file, in order, as views on what was pushed */
  push(chunk: Uint8Array): readonly Uint8Array[];
  /** Call at the end of the body; throws where the file is not whole. */
  end(): void;
}

/** The file is in the store, or its name was taken, or nobody waits for the answer any more. */
export type Received =
  | { readonly outcome: "stored"; readonly facts: BlobFacts }
  | { readonly outcome: "taken" }
  | { readonly outcome: "gone" };

/**
 * Reads a body into the store: counted, hashed and written as it arrives, durable before this returns. Whatever ends it
 * early leaves nothing.
 *
 * @param upload the ticket (already checked), how the body holds the file, and the hash of the idempotency key
 * @throws StorageProviderError for the body, its pace and size, and the store
 */
export async function receiveFile(
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
  upload: {
    readonly ticket: Ticket;
    readonly parser: FileParser;
    readonly idempotencyKeyHash: Uint8Array;
  },
): Promise<Received> {
  const { ticket, parser } = upload;
  const slot = await service.limits.enter("upload", request.ip);
  try {
    if ((await step(service, reply, "accepted")) === "drop") {
      return { outcome: "gone" };
    }
    const writer = await service.store.create(
      ticket.blobId,
      Math.min(ticket.maxBytes, service.store.maxFileBytes),
    );
    try {
      sendContinue(request.raw, reply.raw);
      const hash = createHash("sha256");
      let size = 0;
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
      if (end === connectionLost) return { outcome: "gone" };
      parser.end();
      if (size === 0) {
        throw new StorageProviderError("file-missing", "the file is empty");
      }
      if ((await step(service, reply, "received")) === "drop") {
        return { outcome: "gone" };
      }
      const nowMs = service.clock.nowMs();
      const facts: BlobFacts = {
        size,
        sha256: Uint8Array.from(hash.digest()),
        createdAtMs: nowMs,
        expiresAtMs: nowMs + service.retentionMs,
        ticketExpiresAtMs: ticket.expiresAtMs,
        idempotencyKeyHash: upload.idempotencyKeyHash,
      };
      if ((await writer.commit(facts)) === "taken") return { outcome: "taken" };
      service.metrics.stored(size);
      return (await step(service, reply, "stored")) === "drop"
        ? { outcome: "gone" }
        : { outcome: "stored", facts };
    } finally {
      await writer.abort();
    }
  } finally {
    await slot.release();
  }
}

/**
 * Refuses by what the head of a request says of its body.
 *
 * @param envelopeBytes most that the body may have beside the file
 * @throws StorageProviderError `media-type`, `too-large`
 */
export function checkAnnounced(
  request: FastifyRequest,
  ticket: Ticket,
  envelopeBytes: number,
): void {
  if ((request.headers["content-encoding"] ?? "identity") !== "identity") {
    throw new StorageProviderError(
      "media-type",
      "expected a body without Content-Encoding",
    );
  }
  const length = Number(request.headers["content-length"] ?? 0);
  if (length > ticket.maxBytes + envelopeBytes) throw tooLarge(ticket);
}

function tooLarge(ticket: Ticket): StorageProviderError {
  return new StorageProviderError(
    "too-large",
    `at most ${ticket.maxBytes} bytes are admitted`,
    { members: { maxBytes: ticket.maxBytes } },
  );
}

async function step(
  service: Service,
  reply: FastifyReply,
  at: UploadStep,
): Promise<"continue" | "drop"> {
  if ((await service.hooks.uploadStep?.(at)) !== "drop") return "continue";
  reply.raw.destroy();
  return "drop";
}
