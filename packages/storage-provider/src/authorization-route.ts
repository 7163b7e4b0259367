import type { FastifyInstance } from "fastify";
import type { ChallengeDesk } from "./challenge.js";
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
      await service.limits.countAuthorizationCall(request.ip);
      const key = await service.authorizer.identify({
        authorization: request.headers.authorization,
        address: request.ip,
        proof: memberOf(request.body, "proof"),
      });
      await service.limits.countUploads(key, count ?? 1);
      const answers = Array.from({ length: count ?? 1 }, () => issue(service));
      reply.code(201).header("cache-control", "no-store");
      return count === undefined ? answers[0] : { authorizations: answers };
    },
  );
}

/** `POST /authorizations/challenges`: what an installation signs to prove that it is one. */
export function challengeRoute(
  app: FastifyInstance,
  service: Service,
  challenges: ChallengeDesk,
): void {
  app.post(
    "/authorizations/challenges",
    { bodyLimit: 4 * 1024 },
    async (request, reply) => {
      await service.limits.countAuthorizationCall(request.ip);
      const { challenge, expiresAtMs } = challenges.issue(
        service.clock.nowMs(),
      );
      reply.code(201).header("cache-control", "no-store");
      return {
        challenge,
        service: service.publicUrl(),
        expiresAt: new Date(expiresAtMs).toISOString(),
      };
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
  const count = memberOf(body, "count");
  if (count === undefined) return undefined;
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

function memberOf(body: unknown, name: string): unknown {
  return typeof body === "object" && body !== null && Object.hasOwn(body, name)
    ? (body as Readonly<Record<string, unknown>>)[name]
    : undefined;
}
