import { expect, it } from "vitest";
import * as api from "./index.js";

it("exports what apps and tests use, and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "CarryoverError",
    "adviceFor",
    "assertDeviceSyncIsSilent",
    "backupMessageCodec",
    "carryoverClientOptions",
    "claimXmtpDatabase",
    "classifyBackupMessage",
    "clearCarryoverStorage",
    "createCarryover",
    "createChannels",
    "createHistory",
    "createInstallation",
    "createMemoryFiles",
    "createScratch",
    "createStorageProviderClient",
    "isBackupChannel",
    "isBackupMessageContentType",
    "openOwnPlace",
    "openPartFiles",
    "systemClock",
    "systemRandomBytes",
  ]);
});
