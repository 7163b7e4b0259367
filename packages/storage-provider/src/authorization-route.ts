import type { FastifyInstance } from "fastify";
import type { Service } from "./service.js";
import { StorageProviderError } from "./storage-provider-error.js";

/** Most uploads that one call can authorize: an inbox has at most ten installations, and some room. */
export const maxAuthorizationsPerCall = 32;

/** What a requester gets for one upload. */
interface AuthorizationAnswer {
  readonly uploadUrl: string;
  readonly maxBytes: number;
  readonly expiresAt: string;
  readonly receiptKey: string;
  readonly deleteUrl: string;
}

/** `POST /authorizations`: one-time upload tickets. */
export function authorizationRoute(
  app: FastifyInstance,
  service: Service,
): void {
  app.post(
    "/authorizations",
    { bodyLimit: 4 * 1024 },
    async (request, reply) => {
      const count = requestedCount(request.body);
      await service.authorizer.authorize({
        authorization: request.headers.authorization,
        address: request.ip,
        count: count ?? 1,
      });
      const answers = Array.from({ length: count ?? 1 }, () => issue(service));
      reply.code(201).header("cache-control", "no-store");
      return count === undefined ? answers[0] : { authorizations: answers };
    },
  );
}

function issue(service: Service): AuthorizationAnswer {
  const ticket = service.tickets.issue({
    maxBytes: service.maxBytes,
    expiresAtMs: service.clock.nowMs() + service.ticketLifetimeMs,
  });
  const base = `${service.publicUrl()}/backups`;
  return {
    uploadUrl: `${base}?ticket=${ticket.token}`,
    maxBytes: ticket.maxBytes,
    expiresAt: new Date(ticket.expiresAtMs).toISOString(),
    receiptKey: ticket.receiptKey,
    deleteUrl: `${base}/${ticket.blobId}`,
  };
}

function requestedCount(body: unknown): number | undefined {
  if (body === undefined || body === null) return undefined;
  if (typeof body !== "object" || Array.isArray(body)) {
    throw new StorageProviderError("body-malformed", "expected a JSON object");
  }
  if (!("count" in body) || body.count === undefined) return undefined;
  const { count } = body;
  if (
    typeof count !== "number" ||
    !Number.isInteger(count) ||
    count < 1 ||
    count > maxAuthorizationsPerCall
  ) {
    throw new StorageProviderError(
      "body-malformed",
      `count: expected 1 to ${maxAuthorizationsPerCall}`,
    );
  }
  return count;
}
