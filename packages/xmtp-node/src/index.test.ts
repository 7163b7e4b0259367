import { expect, it } from "vitest";
import * as api from "./index.js";

it("exports what apps, tools and tests use, and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "AccountFileError",
    "CarryoverError",
    "accountFileAt",
    "accountLimits",
    "adviceFor",
    "backupMessageCodec",
    "carryoverClientOptions",
    "classifyBackupMessage",
    "compareBackupAccountFiles",
    "createCarryover",
    "createChannels",
    "createDormantInstallations",
    "createHistory",
    "createInstallation",
    "createNodePorts",
    "createScratch",
    "createStateStore",
    "createStorageProviderClient",
    "createWorkPlaces",
    "inspectBackupAccountFile",
    "isBackupChannel",
    "isBackupMessageContentType",
    "nativeScrypt",
    "networkOf",
    "openBackupAccountFileForRequests",
    "refreshBackupAccountFile",
    "refreshBackupAccountFileBy",
    "revokeBackupAccountFile",
    "systemClock",
    "systemRandomBytes",
    "verifyBackupAccountFile",
  ]);
});
