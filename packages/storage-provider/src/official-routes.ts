import type { FastifyInstance } from "fastify";
import { addressKey } from "./limits.js";
import { checkAnnounced, receiveFile } from "./receive-file.js";
import { serveFile } from "./serve-file.js";
import type { Service } from "./service.js";
import { StorageProviderError } from "./storage-provider-error.js";
import { noIdempotencyKey } from "./upload-route.js";

/**
 * `POST /upload` and `GET /files/:id`: the shapes that the device sync of official XMTP clients uses. The body is the
 * file; the answer is its name as plain text. These clients cannot authenticate, so uploads are counted by address.
 */
export function officialUploadRoute(
  app: FastifyInstance,
  service: Service,
  maxBytes: number,
): void {
  app.post("/upload", async (request, reply) => {
    await service.limits.countUploads(`address:${addressKey(request.ip)}`, 1);
    const ticket = service.tickets.issue({
      maxBytes,
      expiresAtMs: service.clock.nowMs(),
    });
    checkAnnounced(request, ticket, 0);
    const received = await receiveFile(service, request, reply, {
      ticket,
      parser: { push: (chunk) => [chunk], end: () => undefined },
      idempotencyKeyHash: noIdempotencyKey,
    });
    switch (received.outcome) {
      case "gone":
        return reply.hijack();
      case "taken":
        throw new StorageProviderError("internal", "a random name was taken");
      case "stored":
        return reply.type("text/plain; charset=utf-8").send(ticket.blobId);
    }
  });
}

/** The download side of {@link officialUploadRoute}. */
export function officialDownloadRoute(
  app: FastifyInstance,
  service: Service,
): void {
  app.route<{ readonly Params: { readonly id: string } }>({
    method: ["GET", "HEAD"],
    url: "/files/:id",
    handler: (request, reply) =>
      serveFile(service, request, reply, request.params.id),
  });
}
