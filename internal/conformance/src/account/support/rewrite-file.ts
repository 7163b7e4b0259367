import { readFile } from "node:fs/promises";
import {
  type AccountFileHeaderInput,
  type AccountFileProtection,
  measureDatabase,
  openBackupAccountFile,
  writeBackupAccountFile,
} from "@carryover/account-file";
import type { AccountFilePlace } from "@carryover/xmtp-node";
import { protection, secret } from "./lost-phone.js";

/** A file in memory. */
export function fileOf(bytes: Uint8Array): AccountFilePlace {
  return {
    open: async () => streamOf(bytes),
    exists: async () => true,
    write: async () => {
      throw new Error("nothing is written here");
    },
  };
}

/** What whoever has the secret can make of a file: another header, another database, or both. */
export async function rewriteFile(
  path: string,
  change: {
    header?: Partial<AccountFileHeaderInput>;
    database?: (bytes: Uint8Array) => void;
    protection?: AccountFileProtection;
  },
): Promise<AccountFilePlace> {
  const opened = await openBackupAccountFile({
    file: streamOf(await readFile(path)),
    secret,
  });
  const database = await bytesOf(opened.database);
  change.database?.(database);
  const { file } = writeBackupAccountFile({
    header: { ...opened.header, ...change.header },
    database: streamOf(database),
    measured: await measureDatabase(streamOf(database)),
    protection: change.protection ?? protection,
  });
  return fileOf(await bytesOf(file));
}

export async function bytesOf(
  stream: ReadableStream<Uint8Array>,
): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes.slice());
      controller.close();
    },
  });
}
