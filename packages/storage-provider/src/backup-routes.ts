import type { FastifyInstance } from "fastify";
import { bearerToken } from "./authorization.js";
import { serveFile } from "./serve-file.js";
import type { Service } from "./service.js";
import { StorageProviderError } from "./storage-provider-error.js";
import { parseBlobId } from "./ticket.js";

interface Params {
  readonly Params: { readonly id: string };
}

/** `GET` and `HEAD /backups/:id`. */
export function downloadRoute(app: FastifyInstance, service: Service): void {
  app.route<Params>({
    method: ["GET", "HEAD"],
    url: "/backups/:id",
    handler: (request, reply) =>
      serveFile(service, request, reply, request.params.id),
  });
}

/**
 * `DELETE /backups/:id` with the receipt key: the file is gone and its ticket void. Done twice, or before any upload, it
 * answers the same.
 */
export function deleteRoute(app: FastifyInstance, service: Service): void {
  app.delete<Params>("/backups/:id", async (request, reply) => {
    const id = parseBlobId(request.params.id);
    if (id === undefined) {
      throw new StorageProviderError("not-found", "no backup has this name");
    }
    const { ticketExpiresAtMs } = service.tickets.verifyReceipt(
      id,
      bearerToken(request.headers.authorization),
    );
    const record = await service.store.find(id);
    // Nothing to remove, and the ticket can do nothing any more: no mark is needed.
    const moot =
      record === undefined && ticketExpiresAtMs <= service.clock.nowMs();
    if (!moot && record?.state !== "withdrawn") {
      await service.store.withdraw(id, ticketExpiresAtMs);
    }
    return reply.code(204).send();
  });
}
