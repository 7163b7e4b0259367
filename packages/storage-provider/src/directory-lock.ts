import { randomBytes } from "node:crypto";
import { link, open, readdir, rm } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { errnoOf } from "./blob-file.js";
import { StorageProviderError } from "./storage-provider-error.js";

/** Holds a directory for one running instance. */
export interface DirectoryLock {
  /** Lets it go. A process that dies lets it go too. */
  release(): Promise<void>;
}

// A socket in the directory that somebody listens on says that it is in use. Nothing has to be cleaned up after a crash, and
// it holds between containers that share the directory, where process ids mean nothing.
//
// Locks are numbered, and who listens on the highest number has the directory. A number is given out once: a socket listens
// under another name first and is then linked, which fails when the number is taken, and the highest number is never
// deleted, only overtaken. So of two that find a dead one, one gets the next number, and the other sees that.

const lockName = /^lock-([0-9]{12})$/;
const asideName = /^lock-aside-/;

/** The shortest that a system has, without the byte that ends it: macOS. Node cuts longer paths off, and listens elsewhere. */
const maxSocketPathBytes = 103;

/**
 * @param directory - that exists, on a file system with hard links
 * @param hooks.beforeClaim - lets a test be faster than a slow claim
 * @throws StorageProviderError `directory-unusable` where another instance has it, also one in this process; other than on
 * Linux also where its path is longer than 85 bytes
 */
export async function lockDirectory(
  directory: string,
  hooks: { readonly beforeClaim?: () => Promise<void> } = {},
): Promise<DirectoryLock> {
  const handle = await open(directory, "r");
  let server: Server | undefined;
  try {
    // A socket's path has about 100 bytes; on Linux the open directory gives any path a short name.
    const place =
      process.platform === "linux" ? `/proc/self/fd/${handle.fd}` : directory;
    if (Buffer.byteLength(join(place, nameOf(0))) > maxSocketPathBytes) {
      throw new StorageProviderError(
        "directory-unusable",
        "the directory's path is too long for a lock on this system",
      );
    }
    for (;;) {
      const highest = Math.max(0, ...(await numbersIn(place)));
      if (highest > 0 && (await isListenedOn(join(place, nameOf(highest))))) {
        throw new StorageProviderError(
          "directory-unusable",
          "another running instance uses this directory",
        );
      }
      await hooks.beforeClaim?.();
      const number = highest + 1;
      server = await claim(place, number);
      if (server === undefined) continue;
      // A slow reader may have claimed a number that was given out and cleaned up before.
      if (Math.max(...(await numbersIn(place))) === number) {
        await removeLeft(place, number);
        break;
      }
      await close(server);
      server = undefined;
      await rm(join(place, nameOf(number)), { force: true });
    }
  } catch (error) {
    if (server !== undefined) await close(server);
    await handle.close();
    throw error;
  }
  const held = server;
  held.unref();
  return {
    release: async () => {
      await close(held);
      await handle.close();
    },
  };
}

/** @returns `undefined` when another was faster */
async function claim(
  directory: string,
  number: number,
): Promise<Server | undefined> {
  // No longer than the lock's name, and so no longer than its path may be.
  const aside = join(
    directory,
    `lock-aside-${randomBytes(4).toString("base64url")}`,
  );
  const server = await listen(aside);
  try {
    await link(aside, join(directory, nameOf(number)));
  } catch (error) {
    await close(server);
    // ENOENT: whoever won has cleaned up meanwhile.
    if (["EEXIST", "ENOENT"].includes(errnoOf(error) ?? "")) return undefined;
    throw error;
  } finally {
    await rm(aside, { force: true });
  }
  return server;
}

/** Of the dead, and of those who are about to see that they were slower. */
async function removeLeft(directory: string, number: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const digits = lockName.exec(name)?.[1];
    const isLeft =
      digits === undefined ? asideName.test(name) : Number(digits) < number;
    if (isLeft) await rm(join(directory, name), { force: true });
  }
}

async function numbersIn(directory: string): Promise<number[]> {
  return (await readdir(directory)).flatMap((name) => {
    const digits = lockName.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}

const nameOf = (number: number) => `lock-${String(number).padStart(12, "0")}`;

function listen(path: string): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.destroy();
    });
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve(server);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });
}

function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) => {
      // Anything else, as a full queue of those who ask, says that somebody is there.
      resolve(!["ECONNREFUSED", "ENOENT"].includes(errnoOf(error) ?? ""));
    });
  });
}
