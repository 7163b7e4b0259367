import { Encrypter } from "age-encryption";
import { AccountFileError } from "../errors.js";
import { scryptWorkFactors } from "../limits.js";
import {
  minPassphraseChars,
  passphraseWeakness,
  type PassphraseWeakness,
} from "./passphrase-weakness.js";
import type { AccountFileProtection } from "./types.js";

/**
 * Finds what is wrong with a protection that somebody chooses now: beyond what no file may be written with, a passphrase that
 * is certainly no secret.
 *
 * @param publicIds - what everybody knows of the account, such as its address and inbox id
 * @throws AccountFileError `passphraseInvalid`, `workFactorInvalid`, `recipientInvalid`
 */
export const checkChosenProtection = (
  protection: AccountFileProtection,
  publicIds: readonly string[],
): void => {
  checkProtection(protection);
  if (protection.kind !== "passphrase") return;
  const weakness = passphraseWeakness(protection.passphrase, publicIds);
  if (weakness !== undefined)
    throw new AccountFileError(
      "passphraseInvalid",
      `passphrase: ${weaknesses[weakness]}`,
    );
};

const weaknesses: Readonly<Record<PassphraseWeakness, string>> = {
  tooShort: `expected at least ${minPassphraseChars} characters of Unicode text`,
  oneCharacter: "it is one character again and again",
  publicId: "it is the account's own address or id, which anybody can look up",
};

/**
 * Finds what is wrong with a protection before any work is done on its strength: what no file is written with, also where the
 * passphrase was chosen before. Cheap: no key is derived.
 *
 * @throws AccountFileError `passphraseInvalid`, `workFactorInvalid`, `recipientInvalid`
 */
export const checkProtection = (protection: AccountFileProtection): void => {
  switch (protection.kind) {
    case "passphrase": {
      const { passphrase, workFactor = scryptWorkFactors.default } = protection;
      if (
        passphraseWeakness(passphrase) === "tooShort" ||
        /\p{Surrogate}/u.test(passphrase)
      )
        throw new AccountFileError(
          "passphraseInvalid",
          `passphrase: ${weaknesses.tooShort}`,
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
