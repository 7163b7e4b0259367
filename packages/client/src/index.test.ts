import { expect, test } from "vitest";
import * as client from "./index.js";

test("these names are public, and no others", () => {
  expect(Object.keys(client).sort()).toEqual([
    "CarryoverError",
    "accountLimits",
    "adviceFor",
    "asCarryoverError",
    "clockToleranceMs",
    "compareBackupAccountFiles",
    "confirmSavedOfWallet",
    "createAccountFlow",
    "createEngine",
    "createFileFromWallet",
    "defaultPolicy",
    "fetchBudgetOf",
    "fetchUnfinishedFromWallet",
    "hasUnfinishedNotes",
    "inspectFile",
    "isFileName",
    "keepUnfinishedNotesAlone",
    "openContainer",
    "openForRequests",
    "parseFileName",
    "refreshBackupAccountFileBy",
    "refreshFile",
    "restoreToArchive",
    "revokeFile",
    "summarize",
    "verifyFile",
  ]);
});
