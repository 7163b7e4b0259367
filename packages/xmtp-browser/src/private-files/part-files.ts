import { CarryoverError } from "@carryover/client";
import { filesLock } from "../names.js";
import { inTurn } from "../own-lock.js";
import {
  findDirectory,
  makeDirectory,
  namesIn,
  openPrivateRoot,
  removeDirectory,
  unlessMissing,
} from "./private-directories.js";

/** Files of parts, each written whole: what was written stays when a tab is closed, all but the part in the works. */
export interface PartFiles {
  /** Parts in order; `undefined` when there is no such file. */
  parts(name: string): Promise<Blob[] | undefined>;
  /** Makes the file when there is none. */
  create(name: string): Promise<void>;
  addPart(name: string, part: Uint8Array): Promise<void>;
  remove(name: string): Promise<void>;
  names(): Promise<string[]>;
  /** Removes the place with everything in it. */
  removeAll(): Promise<void>;
}

/**
 * In the origin private file system: a directory for a file, a file for a part.
 *
 * @returns `undefined` where the browser has none, or none that a page can write to
 */
export async function openPartFiles(
  path: readonly string[],
): Promise<PartFiles | undefined> {
  const root = await openPrivateRoot();
  if (root === undefined) return undefined;
  const directory = () => findDirectory(root, path);
  await inTurn(filesLock, () => makeDirectory(root, path));
  const fileOf = async (name: string) => {
    const parent = await directory();
    return parent && (await unlessMissing(parent.getDirectoryHandle(name)));
  };
  return {
    parts: async (name) => {
      const own = await fileOf(name);
      return own && (await readParts(own));
    },
    create: async (name) => {
      const parent = await makeDirectory(root, path);
      await parent.getDirectoryHandle(name, { create: true });
    },
    addPart: async (name, part) => {
      const own = await fileOf(name);
      if (own === undefined)
        throw new CarryoverError("diskError", "the temporary file is gone");
      const file = await own.getFileHandle(
        partName((await readParts(own)).length),
        { create: true },
      );
      const writable = await file.createWritable();
      await writable.write(part as Uint8Array<ArrayBuffer>);
      await writable.close();
    },
    remove: async (name) => {
      const parent = await directory();
      await (parent &&
        unlessMissing(parent.removeEntry(name, { recursive: true })));
    },
    names: async () => {
      const parent = await directory();
      return parent === undefined ? [] : await namesIn(parent);
    },
    removeAll: () => removeDirectory(root, path),
  };
}

const partName = (index: number) => String(index).padStart(8, "0");

async function readParts(
  directory: FileSystemDirectoryHandle,
): Promise<File[]> {
  const parts: File[] = [];
  for (let index = 0; ; index += 1) {
    const handle = await unlessMissing(
      directory.getFileHandle(partName(index)),
    );
    if (handle === undefined) return parts;
    parts.push(await handle.getFile());
  }
}
