import { describeStorageProviderClientContract } from "@carryover/testkit/contracts";
import { createStorageProviderClient } from "./storage-provider-client.js";

describeStorageProviderClientContract("node", () =>
  createStorageProviderClient({ uploadSecret: new Uint8Array(32).fill(1) }),
);
