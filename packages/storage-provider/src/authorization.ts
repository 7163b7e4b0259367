import { createHash, timingSafeEqual } from "node:crypto";
import { challengeLifetimeMs, type ChallengeDesk } from "./challenge.js";
import {
  parseInstallationProof,
  proofText,
  type InstallationRegistry,
} from "./installation-proof.js";
import type { LimitStore } from "./limit-store.js";
import { addressKey } from "./limits.js";
import type { ProviderClock } from "./service.js";
import { StorageProviderError } from "./storage-provider-error.js";

/** Who may obtain upload authorizations. */
export type AuthorizationSettings =
  | { readonly mode: "open" }
  | {
      readonly mode: "apiKey";
      /** Any of these; at least 16 characters each. */
      readonly keys: readonly string[];
    }
  | {
      readonly mode: "installation";
      /** Which XMTP network says what installations an inbox has. */
      readonly env: "local" | "dev" | "production";
      /** Address of a node of that network; the network's own where it is left out. */
      readonly apiUrl?: string;
    };

/** What is known of the one who asks. */
export interface AuthorizationQuestion {
  /** Value of the `Authorization` header. */
  readonly authorization: string | undefined;
  /** Address of the client. */
  readonly address: string;
  /** The `proof` member of the body. */
  readonly proof: unknown;
}

/** Tells who asks. */
export interface Authorizer {
  /**
   * @returns what limits count uploads by
   * @throws StorageProviderError `credentials-missing`, `credentials-invalid`, `proof-missing`, `proof-invalid`,
   *   `body-malformed`, `unavailable`
   */
  identify(question: AuthorizationQuestion): Promise<string>;
}

const minApiKeyLength = 16;

/** What an API key is, in words. */
export const apiKeyForm = `${minApiKeyLength} to 512 letters, digits and any of ._~+/=-`;

/** @returns whether it can be an API key: long enough, and of characters that a header can carry */
export function isApiKey(text: string): boolean {
  return text.length >= minApiKeyLength && isBearerToken(text);
}

/** Everybody, counted by address. */
export function createOpenAuthorizer(): Authorizer {
  return { identify: async ({ address }) => `address:${addressKey(address)}` };
}

/**
 * Who holds a key.
 *
 * @throws StorageProviderError `settings-invalid`
 */
export function createApiKeyAuthorizer(keys: readonly string[]): Authorizer {
  if (keys.length === 0 || !keys.every(isApiKey)) {
    throw new StorageProviderError(
      "settings-invalid",
      `authorization.keys: expected at least one, each of ${apiKeyForm}`,
    );
  }
  const known = keys.map(digest);
  return {
    async identify({ authorization }) {
      const key = bearerToken(authorization);
      if (key === undefined) {
        throw new StorageProviderError(
          "credentials-missing",
          "expected Authorization: Bearer and an API key",
        );
      }
      const given = digest(key);
      // Every key is compared, so that time tells nothing of which one was near.
      if (known.filter((each) => timingSafeEqual(each, given)).length === 0) {
        throw new StorageProviderError(
          "credentials-invalid",
          "the API key is not known here",
        );
      }
      return `key:${given.toString("base64url")}`;
    },
  };
}

/** Who proves to be a live installation of an XMTP inbox. */
export function createInstallationAuthorizer(parts: {
  readonly registry: InstallationRegistry;
  readonly challenges: ChallengeDesk;
  readonly limitStore: LimitStore;
  readonly clock: ProviderClock;
  readonly publicUrl: () => string;
}): Authorizer {
  const { registry, challenges, limitStore, clock } = parts;
  const invalid = (detail: string) =>
    new StorageProviderError("proof-invalid", detail);
  return {
    async identify(question) {
      if (question.proof === undefined) {
        throw new StorageProviderError(
          "proof-missing",
          "expected a proof: see POST /authorizations/challenges",
        );
      }
      const proof = parseInstallationProof(question.proof);
      challenges.verify(proof.challenge, clock.nowMs());
      const text = proofText(parts.publicUrl(), proof);
      if (
        !(await registry.verify(text, proof.signature, proof.installationId))
      ) {
        throw invalid("signature: not by this installation over this text");
      }
      const live = await registry.liveInstallations(proof.inboxId);
      if (!live.has(proof.installationId)) {
        throw invalid("installation: not in this inbox now");
      }
      // Last, so that a network that cannot be read does not use up the challenge.
      const use = await limitStore.once(
        `challenge:${proof.challenge}`,
        challengeLifetimeMs,
      );
      if (use === "again") throw invalid("challenge: already answered");
      return `inbox:${proof.inboxId}`;
    },
  };
}

/**
 * @param header value of `Authorization`
 * @returns the token of the `Bearer` scheme
 */
export function bearerToken(header: string | undefined): string | undefined {
  const token = /^Bearer +(\S+) *$/i.exec(header ?? "")?.[1];
  return token !== undefined && isBearerToken(token) ? token : undefined;
}

/** @returns whether it can be sent in an `Authorization` header (RFC 6750 section 2.1), and is not too long */
export function isBearerToken(text: string): boolean {
  return /^[A-Za-z0-9._~+/=-]{1,512}$/.test(text);
}

const digest = (key: string) => createHash("sha256").update(key).digest();
