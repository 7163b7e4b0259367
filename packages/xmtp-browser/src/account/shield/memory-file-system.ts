/**
 * An origin private file system that is in memory alone, as much of it as the library uses. The library keeps its database
 * there in files that it reads and writes at once ("sync access handles"); given this, nothing of a dormant installation
 * ever touches the disk, and its database stands in nobody's way: the real file system has room for one client.
 */
export interface MemoryFileSystem {
  /** What `navigator.storage.getDirectory` gives. */
  getDirectory(): Promise<object>;
  /** A copy of everything. */
  copy(): FileTree;
}

/** Directories and files, as they travel between threads. */
export interface FileTree {
  directories: [name: string, tree: FileTree][];
  files: [name: string, file: FileBytes][];
}

/** A file in blocks, so that it grows without being copied. All blocks are of {@link blockBytes}. */
export interface FileBytes {
  sizeBytes: number;
  blocks: Uint8Array<ArrayBuffer>[];
}

const blockBytes = 64 * 1024;

export function createMemoryFileSystem(tree: FileTree): MemoryFileSystem {
  const root = createDirectory("", tree);
  return { getDirectory: async () => root.handle, copy: root.copy };
}

export const emptyTree = (): FileTree => ({ directories: [], files: [] });

/** Everything of a tree that can be handed to another thread without a copy. */
export function buffersOf({ directories, files }: FileTree): ArrayBuffer[] {
  return [
    ...files.flatMap(([, { blocks }]) => blocks.map(({ buffer }) => buffer)),
    ...directories.flatMap(([, tree]) => buffersOf(tree)),
  ];
}

type Directory = ReturnType<typeof createDirectory>;
type File = ReturnType<typeof createFile>;

function createDirectory(name: string, tree: FileTree) {
  const entries = new Map<string, Directory | File>();
  for (const [child, subtree] of tree.directories)
    entries.set(child, createDirectory(child, subtree));
  for (const [child, file] of tree.files)
    entries.set(child, createFile(child, file));

  const find = <Kind extends "file" | "directory">(
    child: string,
    kind: Kind,
    create: () => Extract<Directory | File, { kind: Kind }>,
    options: { create?: boolean } | undefined,
  ): Extract<Directory | File, { kind: Kind }> => {
    let entry = entries.get(child);
    if (entry === undefined) {
      if (options?.create !== true)
        throw new DOMException("there is no such entry", "NotFoundError");
      entry = create();
      entries.set(child, entry);
    }
    if (entry.kind !== kind)
      throw new DOMException("of another kind", "TypeMismatchError");
    return entry as Extract<Directory | File, { kind: Kind }>;
  };

  const listHandles = async function* (): AsyncGenerator<[string, object]> {
    for (const [child, { handle }] of [...entries]) yield [child, handle];
  };

  const handle = {
    kind: "directory",
    name,
    getDirectoryHandle: async (
      child: string,
      options?: { create?: boolean },
    ): Promise<object> =>
      find(
        child,
        "directory",
        () => createDirectory(child, emptyTree()),
        options,
      ).handle,
    getFileHandle: async (child: string, options?: { create?: boolean }) =>
      find(
        child,
        "file",
        () => createFile(child, { sizeBytes: 0, blocks: [] }),
        options,
      ).handle,
    removeEntry: async (child: string) => {
      if (!entries.delete(child))
        throw new DOMException("there is no such entry", "NotFoundError");
    },
    entries: listHandles,
    [Symbol.asyncIterator]: listHandles,
    keys: async function* (): AsyncGenerator<string> {
      for await (const [child] of listHandles()) yield child;
    },
    values: async function* (): AsyncGenerator<object> {
      for await (const [, child] of listHandles()) yield child;
    },
  };

  const copy = (): FileTree => {
    const copied = emptyTree();
    for (const [child, entry] of entries)
      if (entry.kind === "directory")
        copied.directories.push([child, entry.copy()]);
      else copied.files.push([child, entry.copy()]);
    return copied;
  };
  return { kind: "directory" as const, handle, copy };
}

function createFile(name: string, { sizeBytes, blocks }: FileBytes) {
  let size = sizeBytes;

  /** Visits the parts of blocks that stand for a stretch of the file. */
  const visit = (
    at: number,
    length: number,
    use: (part: Uint8Array, done: number) => void,
  ) => {
    for (let done = 0; done < length;) {
      const position = at + done;
      const offset = position % blockBytes;
      const index = (position - offset) / blockBytes;
      const take = Math.min(blockBytes - offset, length - done);
      const block = (blocks[index] ??= new Uint8Array(blockBytes));
      use(block.subarray(offset, offset + take), done);
      done += take;
    }
  };

  const resize = (next: number) => {
    if (next < size) {
      // What is cut off reads as zeros when the file grows again.
      visit(next, size - next, (part) => part.fill(0));
      blocks.length = Math.ceil(next / blockBytes);
    }
    for (let index = blocks.length; index * blockBytes < next; index += 1)
      blocks[index] = new Uint8Array(blockBytes);
    size = next;
  };

  const accessHandle = {
    mode: "readwrite",
    getSize: () => size,
    truncate: (next: number) => resize(next),
    flush: () => undefined,
    close: () => undefined,
    read: (into: AllowSharedBufferSource, options?: { at?: number }) => {
      const target = bytesOf(into);
      const at = options?.at ?? 0;
      const length = Math.max(0, Math.min(target.length, size - at));
      visit(at, length, (part, done) => target.set(part, done));
      return length;
    },
    write: (from: AllowSharedBufferSource, options?: { at?: number }) => {
      const source = bytesOf(from);
      const at = options?.at ?? 0;
      if (at + source.length > size) resize(at + source.length);
      visit(at, source.length, (part, done) =>
        part.set(source.subarray(done, done + part.length)),
      );
      return source.length;
    },
  };

  const handle = {
    kind: "file",
    name,
    createSyncAccessHandle: async () => accessHandle,
  };
  return {
    kind: "file" as const,
    handle,
    copy: (): FileBytes => ({
      sizeBytes: size,
      blocks: blocks.map((block) => block.slice()),
    }),
  };
}

const bytesOf = (source: AllowSharedBufferSource): Uint8Array =>
  ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
