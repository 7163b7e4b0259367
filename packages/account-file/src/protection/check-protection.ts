import { Encrypter } from "age-encryption";
import { AccountFileError } from "../errors.js";
import { scryptWorkFactors } from "../limits.js";
import type { AccountFileProtection } from "./types.js";

const MIN_PASSPHRASE_CHARS = 8;

/**
 * Finds what is wrong with a protection before any work is done on its strength. Cheap: no key is derived.
 *
 * @throws AccountFileError `passphraseInvalid`, `workFactorInvalid`, `recipientInvalid`
 */
export const checkProtection = (protection: AccountFileProtection): void => {
  switch (protection.kind) {
    case "passphrase": {
      const { passphrase, workFactor = scryptWorkFactors.default } = protection;
      if (
        // As they are used: what looks the same is as long, on whatever keyboard it was typed.
        [...passphrase.normalize("NFC")].length < MIN_PASSPHRASE_CHARS ||
        /\p{Surrogate}/u.test(passphrase)
      )
        throw new AccountFileError(
          "passphraseInvalid",
          `passphrase: expected at least ${MIN_PASSPHRASE_CHARS} characters of Unicode text`,
        );
      const { min, max } = scryptWorkFactors;
      if (!Number.isInteger(workFactor) || workFactor < min || workFactor > max)
        throw new AccountFileError(
          "workFactorInvalid",
          `work factor: expected ${min} to ${max}`,
        );
      return;
    }
    case "walletSignature":
      return;
    case "recipients":
      if (protection.recipients.length === 0)
        throw new AccountFileError(
          "recipientInvalid",
          "recipients: expected at least one",
        );
      for (const recipient of protection.recipients) assertRecipient(recipient);
  }
};

const assertRecipient = (
  recipient: Parameters<Encrypter["addRecipient"]>[0],
): void => {
  try {
    new Encrypter().addRecipient(recipient);
  } catch (cause) {
    throw new AccountFileError(
      "recipientInvalid",
      "recipients: one is no age recipient",
      cause,
    );
  }
};
