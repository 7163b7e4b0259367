import { randomBytes } from "node:crypto";
import { link, open, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errnoOf } from "./blob-file.js";
import { makePrivateDirectory } from "./private-directory.js";
import { syncDirectory } from "./shared-sync.js";
import { StorageProviderError } from "./storage-provider-error.js";

const name = "ticket-secret";

/**
 * A single instance needs no secret of the operator's: it makes one beside the files and keeps it.
 *
 * @param directory made where it does not exist
 * @returns 32 bytes, the same from start to start
 * @throws StorageProviderError `directory-unusable`
 */
export async function keptTicketSecret(directory: string): Promise<Uint8Array> {
  const path = join(directory, name);
  let text: string;
  try {
    await makePrivateDirectory(directory);
    text = await readFile(path, "utf8").catch(async (error: unknown) => {
      if (errnoOf(error) !== "ENOENT") throw error;
      await makeSecret(path);
      return readFile(path, "utf8");
    });
  } catch (cause) {
    throw new StorageProviderError(
      "directory-unusable",
      `the ticket secret cannot be kept in the storage directory (${errnoOf(cause) ?? "unknown error"})`,
      { cause },
    );
  }
  if (!/^[0-9a-f]{64}\s*$/.test(text)) {
    throw new StorageProviderError(
      "directory-unusable",
      `the file ${name} in the storage directory does not hold a secret: without it a new one is made`,
    );
  }
  return Buffer.from(text.trim(), "hex");
}

/** Whole or not at all, also when two start at once or the power goes. */
async function makeSecret(path: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}`;
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(`${randomBytes(32).toString("hex")}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await link(temporary, path).catch((error: unknown) => {
      if (errnoOf(error) !== "EEXIST") throw error;
    });
    await syncDirectory(dirname(path));
  } finally {
    await rm(temporary, { force: true });
  }
}
