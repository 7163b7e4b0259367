import { expect, it } from "vitest";
import * as api from "./index.js";

it("exports what apps, tools and tests use, and nothing else", () => {
  expect(Object.keys(api).sort()).toEqual([
    "CarryoverError",
    "adviceFor",
    "backupMessageCodec",
    "carryoverClientOptions",
    "classifyBackupMessage",
    "createCarryover",
    "createChannels",
    "createHistory",
    "createInstallation",
    "createNodePorts",
    "createScratch",
    "createStateStore",
    "createStorageProviderClient",
    "isBackupChannel",
    "isBackupMessageContentType",
    "systemClock",
    "systemRandomBytes",
  ]);
});
