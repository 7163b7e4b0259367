import { StorageProviderError } from "./storage-provider-error.js";

/** An installation's claim to be one of an inbox, from outside. */
export interface InstallationProof {
  /** 64 hexadecimal digits. */
  readonly inboxId: string;
  /** The installation's public key: 64 hexadecimal digits. */
  readonly installationId: string;
  readonly challenge: string;
  /** 64 bytes: `signWithInstallationKey` over {@link proofText}. */
  readonly signature: Uint8Array;
}

/** What the network knows of installations. */
export interface InstallationRegistry {
  /** @returns whether the installation's key made this signature over this text */
  verify(
    text: string,
    signature: Uint8Array,
    installationId: string,
  ): Promise<boolean>;
  /**
   * @returns ids of the installations that are in the inbox now, read from the network
   * @throws StorageProviderError `unavailable` where the network cannot be read
   */
  liveInstallations(inboxId: string): Promise<ReadonlySet<string>>;
}

/**
 * The text that an installation signs. It names the service, so that one service cannot use at another what it was given.
 *
 * @param service the service's public URL, without a slash at the end
 * @param proof who signs, and the challenge
 */
export function proofText(
  service: string,
  proof: Omit<InstallationProof, "signature">,
): string {
  return [
    "Carryover storage authorization, version 1",
    `service: ${service}`,
    `inbox: ${proof.inboxId}`,
    `installation: ${proof.installationId}`,
    `challenge: ${proof.challenge}`,
  ].join("\n");
}

const hex64 = /^[0-9a-f]{64}$/;

/**
 * @param value the `proof` member of a request
 * @throws StorageProviderError `body-malformed`
 */
export function parseInstallationProof(value: unknown): InstallationProof {
  if (typeof value !== "object" || value === null) {
    throw new StorageProviderError(
      "body-malformed",
      "proof: expected an object",
    );
  }
  const members = value as Readonly<Record<string, unknown>>;
  const text = (name: keyof InstallationProof, pattern: RegExp): string => {
    const member = Object.hasOwn(value, name) ? members[name] : undefined;
    if (typeof member !== "string" || !pattern.test(member)) {
      throw new StorageProviderError(
        "body-malformed",
        `proof.${name}: expected ${pattern.source}`,
      );
    }
    return member;
  };
  return {
    inboxId: text("inboxId", hex64),
    installationId: text("installationId", hex64),
    challenge: text("challenge", /^[A-Za-z0-9_-]{1,256}$/),
    signature: Buffer.from(text("signature", /^[0-9a-f]{128}$/), "hex"),
  };
}
