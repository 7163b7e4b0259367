import { createHash, timingSafeEqual } from "node:crypto";
import type { RateLimiter } from "./rate-limit.js";
import { StorageProviderError } from "./storage-provider-error.js";

/** Who may obtain upload authorizations. */
export type AuthorizationSettings =
  | {
      readonly mode: "open";
      /** For one address (IPv6: one /64) within an hour. Default 600. */
      readonly uploadsPerHour?: number;
    }
  | {
      readonly mode: "apiKey";
      /** Any of these; at least 16 characters each. */
      readonly keys: readonly string[];
      /** For one key within an hour. Default 6,000. */
      readonly uploadsPerHour?: number;
    };

/** What is known of the one who asks. */
export interface AuthorizationQuestion {
  /** Value of the `Authorization` header. */
  readonly authorization: string | undefined;
  /** Address of the client. */
  readonly address: string;
  /** How many uploads it wants to authorize. */
  readonly count: number;
}

/** Decides over one question. */
export interface Authorizer {
  /** @throws StorageProviderError `credentials-missing`, `credentials-invalid`, `rate-limited` */
  authorize(question: AuthorizationQuestion): Promise<void>;
}

/** What an hour allows where the settings do not say. */
export const defaultUploadsPerHour = { open: 600, apiKey: 6_000 } as const;

const minKeyLength = 16;

/**
 * @param settings the mode
 * @param createLimiter makes a limiter for an allowance an hour
 * @throws StorageProviderError `settings-invalid`
 */
export function createAuthorizer(
  settings: AuthorizationSettings,
  createLimiter: (perHour: number) => RateLimiter,
): Authorizer {
  const limiter = createLimiter(
    settings.uploadsPerHour ?? defaultUploadsPerHour[settings.mode],
  );
  switch (settings.mode) {
    case "open":
      return {
        authorize: ({ address, count }) =>
          limiter.take(addressKey(address), count),
      };
    case "apiKey": {
      if (
        settings.keys.length === 0 ||
        settings.keys.some((key) => key.length < minKeyLength)
      ) {
        throw new StorageProviderError(
          "settings-invalid",
          `authorization.keys: expected at least one key of ${minKeyLength} or more characters`,
        );
      }
      const known = settings.keys.map(digest);
      return {
        async authorize({ authorization, count }) {
          const key = bearerToken(authorization);
          if (key === undefined) {
            throw new StorageProviderError(
              "credentials-missing",
              "expected Authorization: Bearer and an API key",
            );
          }
          const given = digest(key);
          // Every key is compared, so that time tells nothing of which one was near.
          const matches = known.filter((each) => timingSafeEqual(each, given));
          if (matches.length === 0) {
            throw new StorageProviderError(
              "credentials-invalid",
              "the API key is not known here",
            );
          }
          await limiter.take(given.toString("base64url"), count);
        },
      };
    }
  }
}

/**
 * @param header value of `Authorization`
 * @returns the token of the `Bearer` scheme
 */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +([A-Za-z0-9._~+/=-]{1,512}) *$/i.exec(header ?? "")?.[1];
}

/**
 * @param address of a client, as text
 * @returns what limits count: the IPv4 address, or the /64 of an IPv6 one, since that is what one client holds
 */
export function addressKey(address: string): string {
  const plain = address.replace(/%.*$/, "").toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("::", 2);
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(Math.max(0, 8 - front.length - back.length)).fill(
    "0",
  );
  return [...front, ...zeros, ...back]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}

const digest = (key: string) => createHash("sha256").update(key).digest();
