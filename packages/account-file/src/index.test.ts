import { expect, it } from "vitest";
import * as accountFile from "./index.js";

it("exports these names and no others", () => {
  expect(Object.keys(accountFile).sort()).toEqual([
    "AccountFileError",
    "FORMAT_NAME",
    "FORMAT_VERSION",
    "checkChosenProtection",
    "checkProtection",
    "compareCopies",
    "createWalletSalt",
    "daysLeft",
    "defaultLimits",
    "inspectBackupAccountFile",
    "keyFromWalletSignature",
    "measureDatabase",
    "minPassphraseChars",
    "newKeyFromWalletSignatures",
    "openBackupAccountFile",
    "passphraseWeakness",
    "passphraseWeaknessWords",
    "refreshBy",
    "scryptWorkFactors",
    "verifyBackupAccountFile",
    "walletSigningText",
    "writeBackupAccountFile",
  ]);
});
