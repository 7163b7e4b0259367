import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { decodeBase64Url } from "./base64url.js";
import { deriveKey } from "./derived-key.js";
import { StorageProviderError } from "./storage-provider-error.js";

/** How long a challenge can be answered, in milliseconds. */
export const challengeLifetimeMs = 120_000;

/** What an installation is given to sign. */
export interface Challenge {
  /** Opaque, in base64url. */
  readonly challenge: string;
  /** Unix milliseconds. */
  readonly expiresAtMs: number;
}

/** Issues challenges and knows its own again; keeps nothing. */
export interface ChallengeDesk {
  issue(nowMs: number): Challenge;
  /** @throws StorageProviderError `proof-invalid` for one that is not ours or too old */
  verify(challenge: string, nowMs: number): void;
}

const nonceBytes = 16;
const bodyBytes = nonceBytes + 8;
const macBytes = 32;

/**
 * @param secret of the service
 * @throws StorageProviderError `settings-invalid`
 */
export function createChallengeDesk(secret: Uint8Array): ChallengeDesk {
  const key = deriveKey(secret, "challenge");
  const mac = (body: Uint8Array) =>
    createHmac("sha256", key).update(body).digest();
  return {
    issue(nowMs) {
      const expiresAtMs = nowMs + challengeLifetimeMs;
      const body = Buffer.alloc(bodyBytes);
      randomBytes(nonceBytes).copy(body);
      body.writeBigUInt64BE(BigInt(expiresAtMs), nonceBytes);
      return {
        challenge: Buffer.concat([body, mac(body)]).toString("base64url"),
        expiresAtMs,
      };
    },
    verify(challenge, nowMs) {
      const bytes = decodeBase64Url(challenge, bodyBytes + macBytes);
      const body = bytes?.subarray(0, bodyBytes);
      if (
        bytes === undefined ||
        body === undefined ||
        !timingSafeEqual(bytes.subarray(bodyBytes), mac(body))
      ) {
        throw new StorageProviderError(
          "proof-invalid",
          "challenge: not issued here",
        );
      }
      if (Number(body.readBigUInt64BE(nonceBytes)) <= nowMs) {
        throw new StorageProviderError("proof-invalid", "challenge: expired");
      }
    },
  };
}
