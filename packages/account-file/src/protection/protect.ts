import type { AgeRecipient } from "@carryover/backup-file";
import { AccountFileError } from "../errors.js";
import { scryptWorkFactors } from "../limits.js";
import type { AccountFilePorts } from "../ports.js";
import { createScryptRecipient } from "./scrypt.js";
import type { AccountFileProtection } from "./types.js";
import { walletStanza } from "./wallet-stanza.js";

const MIN_PASSPHRASE_CHARS = 8;

/**
 * The age recipients of a new file.
 *
 * @throws AccountFileError `passphraseInvalid`, `workFactorInvalid`, `aborted`
 */
export const recipientsOf = async (
  protection: AccountFileProtection,
  ports: AccountFilePorts,
  signal: AbortSignal | undefined,
): Promise<readonly AgeRecipient[]> => {
  switch (protection.kind) {
    case "passphrase": {
      const { passphrase, workFactor = scryptWorkFactors.default } = protection;
      if ([...passphrase].length < MIN_PASSPHRASE_CHARS)
        throw new AccountFileError(
          "passphraseInvalid",
          `passphrase: expected at least ${MIN_PASSPHRASE_CHARS} characters`,
        );
      const { min, max } = scryptWorkFactors;
      if (!Number.isInteger(workFactor) || workFactor < min || workFactor > max)
        throw new AccountFileError(
          "workFactorInvalid",
          `work factor: expected ${min} to ${max}`,
        );
      const options = { passphrase, ports, signal };
      return [await createScryptRecipient(options, workFactor)];
    }
    case "walletSignature":
      return [
        protection.key.recipient,
        { wrapFileKey: () => [walletStanza(protection.key.salt)] },
      ];
    case "recipients":
      return protection.recipients;
  }
};
