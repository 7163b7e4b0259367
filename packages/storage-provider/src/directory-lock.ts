import { open, unlink } from "node:fs/promises";
import { connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { StorageProviderError } from "./storage-provider-error.js";

/** Holds a directory for one running instance. */
export interface DirectoryLock {
  /** Lets it go. A process that dies lets it go too. */
  release(): Promise<void>;
}

/**
 * A socket in the directory that somebody listens on says that it is in use. Nothing has to be cleaned up after a crash,
 * and it holds between containers that share the directory, where process ids mean nothing.
 *
 * @param directory that exists
 * @throws StorageProviderError `directory-unusable` where another instance has it
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const handle = await open(directory, "r");
  try {
    // A socket's path has about 100 bytes; on Linux the open directory gives any path a short name.
    const path = join(
      process.platform === "linux" ? `/proc/self/fd/${handle.fd}` : directory,
      "lock.sock",
    );
    const server = await listen(path).catch(async (error: unknown) => {
      if (!isInUse(error)) throw error;
      if (await answers(path)) {
        throw new StorageProviderError(
          "directory-unusable",
          "another running instance uses this directory",
        );
      }
      await unlink(path);
      return listen(path);
    });
    server.unref();
    return {
      release: () =>
        new Promise((resolve) => {
          server.close(() => {
            void handle.close().finally(resolve);
          });
        }),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

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

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => {
      resolve(false);
    });
  });
}

const isInUse = (error: unknown) =>
  error instanceof Error && "code" in error && error.code === "EADDRINUSE";
