import { expect, it } from "vitest";
import { checkChosenProtection } from "./check-protection.js";
import {
  passphraseWeakness,
  passphraseWeaknessWords,
} from "./passphrase-weakness.js";

const address = "0x52908400098527886e0f7030069857d2e4169ee7";
const inboxId = "6e".repeat(32);

it.each<[string, string | undefined]>([
  ["", "tooShort"],
  ["seven77", "tooShort"],
  // Four letters, though eight characters when each accent is one of its own.
  ["e\u0301e\u0301e\u0301e\u0301", "tooShort"],
  ["eight888", undefined],
  ["11111111", "oneCharacter"],
  ["          ", "oneCharacter"],
  ["🐢".repeat(12), "oneCharacter"],
  // However it is typed.
  ["e\u0301\u00e9".repeat(8), "oneCharacter"],
  ["11111112", undefined],
  [address, "publicId"],
  [address.toUpperCase(), "publicId"],
  [` ${address.slice(2)} `, "publicId"],
  [inboxId, "publicId"],
  [`${address} and more`, undefined],
  ["seven green bottles", undefined],
])("of %j is %s, the same where it is used", (passphrase, weakness) => {
  expect(passphraseWeakness(passphrase, [address, inboxId])).toBe(weakness);
  const choose = () =>
    checkChosenProtection({ kind: "passphrase", passphrase }, [
      address,
      inboxId,
    ]);
  if (weakness === undefined) expect(choose).not.toThrow();
  else
    expect(choose).toThrow(
      expect.objectContaining({ code: "passphraseInvalid" }) as Error,
    );
});

it("is told a person in words that do not repeat the passphrase", () => {
  expect(passphraseWeaknessWords.tooShort).toBe(
    "That has fewer than 8 characters.",
  );
  expect(() =>
    checkChosenProtection({ kind: "passphrase", passphrase: address }, [
      address,
    ]),
  ).toThrow(
    "passphrase: it is the account's own address or id, which anybody can look up",
  );
});
