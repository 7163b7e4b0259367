import { expect, it } from "vitest";
import * as accountFile from "./index.js";

it("exports these names and no others", () => {
  expect(Object.keys(accountFile).sort()).toEqual([
    "AccountFileError",
    "FORMAT_NAME",
    "FORMAT_VERSION",
    "checkProtection",
    "compareCopies",
    "createWalletSalt",
    "daysLeft",
    "defaultLimits",
    "inspectBackupAccountFile",
    "keyFromWalletSignature",
    "measureDatabase",
    "newKeyFromWalletSignatures",
    "openBackupAccountFile",
    "refreshBy",
    "scryptWorkFactors",
    "verifyBackupAccountFile",
    "walletSigningText",
    "writeBackupAccountFile",
  ]);
});
