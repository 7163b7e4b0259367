import type { AgeRecipient } from "@carryover/backup-file";
import { scryptWorkFactors } from "../limits.js";
import type { AccountFilePorts } from "../ports.js";
import { checkProtection } from "./check-protection.js";
import { createScryptRecipient } from "./scrypt.js";
import type { AccountFileProtection } from "./types.js";
import { walletStanza } from "./wallet-stanza.js";

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
  checkProtection(protection);
  switch (protection.kind) {
    case "passphrase": {
      const { passphrase, workFactor = scryptWorkFactors.default } = protection;
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
