import { CarryoverError } from "@carryover/client";

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
 * @param directories - whether they are made at once, or with the first file
 * @returns `undefined` where the browser has none, or none that a page can write to
 */
export async function openPartFiles(
  path: readonly string[],
  directories: "now" | "whenNeeded" = "now",
): Promise<PartFiles | undefined> {
  const root = await openRoot();
  if (root === undefined) return undefined;
  const directory = async (create: boolean) => {
    let found = root;
    for (const name of path)
      found = await found.getDirectoryHandle(name, { create });
    return found;
  };
  if (directories === "now") await directory(true);
  const fileOf = async (name: string) => {
    const parent = await unlessMissing(directory(false));
    return parent && (await unlessMissing(parent.getDirectoryHandle(name)));
  };
  return {
    parts: async (name) => {
      const own = await fileOf(name);
      return own && (await readParts(own));
    },
    create: async (name) => {
      await (await directory(true)).getDirectoryHandle(name, { create: true });
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
      const parent = await unlessMissing(directory(false));
      await (parent &&
        unlessMissing(parent.removeEntry(name, { recursive: true })));
    },
    names: async () => {
      const parent = await unlessMissing(directory(false));
      return parent === undefined ? [] : await namesIn(parent);
    },
    removeAll: () => removeDirectory(root, path),
  };
}

/** Removes a directory of the origin private file system, if it is there. */
export async function removePrivateDirectory(
  path: readonly string[],
): Promise<void> {
  const root = await openRoot();
  if (root !== undefined) await removeDirectory(root, path);
}

/** The names in a directory of the origin private file system; none where it is not there. */
export async function listPrivateDirectory(name: string): Promise<string[]> {
  const root = await openRoot();
  const found = root && (await unlessMissing(root.getDirectoryHandle(name)));
  return found === undefined ? [] : await namesIn(found);
}

async function removeDirectory(
  root: FileSystemDirectoryHandle,
  path: readonly string[],
): Promise<void> {
  const last = path.at(-1);
  let parent: FileSystemDirectoryHandle | undefined = root;
  for (const name of path.slice(0, -1))
    parent = parent && (await unlessMissing(parent.getDirectoryHandle(name)));
  if (parent === undefined || last === undefined) return;
  await unlessMissing(parent.removeEntry(last, { recursive: true }));
}

/** A browser without it, or a window in private mode of one that has none there. */
async function openRoot(): Promise<FileSystemDirectoryHandle | undefined> {
  if (
    typeof FileSystemFileHandle === "undefined" ||
    !("createWritable" in FileSystemFileHandle.prototype) ||
    !("storage" in navigator)
  )
    return undefined;
  try {
    return await navigator.storage.getDirectory();
  } catch {
    return undefined;
  }
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

async function unlessMissing<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof DOMException && error.name === "NotFoundError")
      return undefined;
    throw error;
  }
}

async function namesIn(
  directory: FileSystemDirectoryHandle,
): Promise<string[]> {
  const names: string[] = [];
  for await (const name of directory.keys()) names.push(name);
  return names;
}
