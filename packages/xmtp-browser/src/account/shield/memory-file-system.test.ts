import { describe, expect, it } from "vitest";
import {
  buffersOf,
  createMemoryFileSystem,
  emptyTree,
  type FileTree,
} from "./memory-file-system.js";

// What the library's storage calls, as browsers have it.
interface AccessHandle {
  getSize(): number;
  truncate(size: number): void;
  read(into: Uint8Array, options?: { at?: number }): number;
  write(from: Uint8Array, options?: { at?: number }): number;
}
interface DirectoryHandle {
  getDirectoryHandle(
    name: string,
    options?: { create?: boolean },
  ): Promise<DirectoryHandle>;
  getFileHandle(
    name: string,
    options?: { create?: boolean },
  ): Promise<{ createSyncAccessHandle(): Promise<AccessHandle> }>;
  removeEntry(name: string): Promise<void>;
  entries(): AsyncIterable<[string, { kind: string }]>;
}

const rootOf = async (files: ReturnType<typeof createMemoryFileSystem>) =>
  (await files.getDirectory()) as DirectoryHandle;

async function open(
  files: ReturnType<typeof createMemoryFileSystem>,
  create = true,
): Promise<AccessHandle> {
  const directory = await (
    await rootOf(files)
  ).getDirectoryHandle("directory", { create });
  const file = await directory.getFileHandle("file", { create });
  return await file.createSyncAccessHandle();
}

const block = 64 * 1024;

/** Bytes that differ from place to place. */
const pattern = (length: number) =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) % 251);

function readAll(handle: AccessHandle): Uint8Array {
  const bytes = new Uint8Array(handle.getSize());
  expect(handle.read(bytes, { at: 0 })).toBe(bytes.length);
  return bytes;
}

/** Quicker than to compare number by number. */
const expectSame = (bytes: Uint8Array, expected: Uint8Array) =>
  expect(Buffer.compare(bytes, expected)).toBe(0);

describe("files in memory", () => {
  it.each([0, 1, block - 1, block, block + 1, 3 * block + 17])(
    "give back %i bytes as they were written, whole and in pieces",
    async (length) => {
      const handle = await open(createMemoryFileSystem(emptyTree()));
      const bytes = pattern(length);
      expect(handle.write(bytes)).toBe(length);
      expectSame(readAll(handle), bytes);
      for (const at of [0, 1, block - 3, block, length - 2]) {
        const part = new Uint8Array(10).fill(255);
        const expected = bytes.subarray(Math.max(0, at), Math.max(0, at) + 10);
        const count = handle.read(part, { at: Math.max(0, at) });
        expect(count).toBe(expected.length);
        expect(part.subarray(0, count)).toEqual(expected);
        // What lies beyond the end is left alone.
        expect([...part.subarray(count)]).toEqual(
          Array.from({ length: 10 - count }, () => 255),
        );
      }
    },
  );

  it("grow with zeros where they are written beyond their end, and forget what was cut off", async () => {
    const handle = await open(createMemoryFileSystem(emptyTree()));
    handle.write(pattern(100));
    handle.write(new Uint8Array([7]), { at: 2 * block });
    expect(handle.getSize()).toBe(2 * block + 1);
    const grown = new Uint8Array(2 * block + 1);
    grown.set(pattern(100));
    grown[2 * block] = 7;
    expectSame(readAll(handle), grown);
    handle.truncate(50);
    handle.truncate(200);
    const cut = new Uint8Array(200);
    cut.set(pattern(50));
    expectSame(readAll(handle), cut);
  });

  it("travel as a copy, and go on from there", async () => {
    const files = createMemoryFileSystem(emptyTree());
    const handle = await open(files);
    handle.write(pattern(block + 5));
    const tree = files.copy();
    handle.write(new Uint8Array([1, 2, 3]));
    const travelled = structuredClone(tree, {
      transfer: buffersOf(tree),
    });
    const arrived: FileTree = travelled;
    expect(buffersOf(tree).map(({ byteLength }) => byteLength)).toEqual([0, 0]);
    const again = createMemoryFileSystem(arrived);
    expectSame(readAll(await open(again, false)), pattern(block + 5));
  });

  it("are listed, missed and removed as in a browser", async () => {
    const files = createMemoryFileSystem(emptyTree());
    const root = await rootOf(files);
    await expect(root.getFileHandle("file")).rejects.toMatchObject({
      name: "NotFoundError",
    });
    await root.getFileHandle("file", { create: true });
    await root.getDirectoryHandle("directory", { create: true });
    await expect(root.getDirectoryHandle("file")).rejects.toMatchObject({
      name: "TypeMismatchError",
    });
    const listed: [string, string][] = [];
    for await (const [name, { kind }] of root.entries())
      listed.push([name, kind]);
    expect(listed).toEqual([
      ["file", "file"],
      ["directory", "directory"],
    ]);
    await root.removeEntry("file");
    await expect(root.removeEntry("file")).rejects.toMatchObject({
      name: "NotFoundError",
    });
  });
});
