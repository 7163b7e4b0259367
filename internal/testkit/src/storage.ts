import { randomBytes } from "node:crypto";
import {
  createStorageProvider,
  type StorageProvider,
  type StorageProviderOptions,
} from "@carryover/storage-provider";
import {
  temporaryDirectory,
  type TemporaryDirectory,
} from "./temporary-directory.js";

/** A storage provider of a test's own. */
export interface TestStorage {
  readonly provider: StorageProvider;
  readonly url: string;
  /** Where it keeps its files, for a look at what is left. */
  readonly directory: string;
  close(): Promise<void>;
}

/** Starts a storage provider on a free port that anybody may use. */
export async function startStorageProvider(
  options: Partial<StorageProviderOptions> = {},
): Promise<TestStorage> {
  const temporary: TemporaryDirectory = await temporaryDirectory();
  const provider = await createStorageProvider({
    directory: temporary.path,
    authorization: { mode: "open" },
    ticketSecret: randomBytes(32),
    closeGraceMs: 0,
    ...options,
  });
  return {
    provider,
    url: provider.url,
    directory: temporary.path,
    close: async () => {
      await provider.close();
      await temporary.remove();
    },
  };
}
