import { expect, test } from "vitest";
import * as api from "./index.js";

test("these are the public names", () => {
  expect(Object.keys(api).sort()).toEqual([
    "StorageProviderError",
    "createDirectoryStore",
    "createMemoryLimitStore",
    "createRedisLimitStore",
    "createS3Store",
    "createStorageProvider",
    "defaultLimits",
    "defaultMaxBytes",
    "defaultPort",
    "environmentName",
    "openApiDocument",
    "proofText",
    "readSettings",
    "secretSettings",
    "serveStorageProvider",
  ]);
});
