import { equalBytes } from "@carryover/backup-file/layers";
import type { AgeIdentity } from "@carryover/backup-file";
import { AccountFileError, type AccountFileErrorCode } from "../errors.js";
import { type AccountFileLimits, scryptWorkFactors } from "../limits.js";
import type { AccountFilePorts } from "../ports.js";
import type { ReadStanzas } from "./read-stanzas.js";
import { unwrapWithPassphrase } from "./scrypt.js";
import type { AccountFileProtection, AccountFileSecret } from "./types.js";
import { asRepeatable } from "./wallet-key.js";

/** What a secret comes to for one file. */
export interface Unprotected {
  readonly identities: readonly AgeIdentity[];
  /** What it means when none of them opens the file. */
  readonly mismatch: AccountFileErrorCode;
  /** How to protect a newer copy of the file in the same way; `undefined` where that cannot be told from a secret. */
  readonly sameProtection: AccountFileProtection | undefined;
}

const otherProtection = (
  file: ReadStanzas,
  secret: AccountFileSecret,
): AccountFileError =>
  new AccountFileError(
    "protectionMismatch",
    `the file is protected by ${file.protection.kind}, the secret is of kind ${secret.kind}`,
  );

/**
 * Gets ready to open a file whose stanzas were read.
 *
 * @throws AccountFileError `protectionMismatch`, `workFactorTooHigh`, `passphraseInvalid`, `wrongPassphrase`,
 *   `wrongWallet`, `aborted`
 */
export const unprotect = async (
  file: ReadStanzas,
  secret: AccountFileSecret,
  limits: AccountFileLimits,
  ports: AccountFilePorts,
  signal: AbortSignal | undefined,
): Promise<Unprotected> => {
  switch (secret.kind) {
    case "passphrase": {
      const { scrypt } = file;
      if (scrypt === undefined) throw otherProtection(file, secret);
      // Before any work: the work factor is the writer's word, and each step doubles what it costs.
      if (scrypt.workFactor > limits.maxScryptWorkFactor)
        throw new AccountFileError(
          "workFactorTooHigh",
          `scrypt work factor: expected at most ${limits.maxScryptWorkFactor}, got ${scrypt.workFactor}`,
        );
      const { passphrase } = secret;
      const fileKey = await unwrapWithPassphrase(
        { passphrase, ports, signal },
        scrypt,
      );
      const { min, max } = scryptWorkFactors;
      const workFactor = Math.min(max, Math.max(min, scrypt.workFactor));
      return {
        identities: [{ unwrapFileKey: () => fileKey }],
        mismatch: "wrongPassphrase",
        sameProtection: { kind: "passphrase", passphrase, workFactor },
      };
    }
    case "walletSignature": {
      if (file.protection.kind !== "walletSignature")
        throw otherProtection(file, secret);
      if (!equalBytes(file.protection.salt, secret.key.salt))
        throw new AccountFileError(
          "wrongWallet",
          "the signature is over the text of another file",
        );
      return {
        identities: [secret.key.identity],
        mismatch: "wrongWallet",
        // Opening the file with it is the proof that the wallet gives it again. Used only after that.
        sameProtection: {
          kind: "walletSignature",
          key: asRepeatable(secret.key),
        },
      };
    }
    case "identities":
      if (file.scrypt !== undefined) throw otherProtection(file, secret);
      return {
        identities: secret.identities,
        mismatch: "wrongIdentity",
        sameProtection: undefined,
      };
  }
};
