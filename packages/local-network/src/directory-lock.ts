import {
  closeSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { LocalNetworkError } from "./errors.js";

/** Directories that this process holds: its own id in a lock file may also be from a process before it. */
const held = new Set<string>();

/**
 * Takes a directory for this process. A lock that a killed process left is taken over.
 *
 * @returns gives the directory back
 * @throws LocalNetworkError `directoryInUse`
 */
export function lockDirectory(directory: string): () => void {
  const key = realpathSync(directory);
  const path = join(key, "lock");
  const owner = readOwner(path);
  if (held.has(key) || (owner !== undefined && isAlive(owner)))
    throw new LocalNetworkError(
      "directoryInUse",
      "the directory belongs to another local network that is running",
    );
  if (owner !== undefined) rmSync(path, { force: true });
  const file = openExclusively(path);
  writeSync(file, String(process.pid));
  closeSync(file);
  held.add(key);
  return () => {
    held.delete(key);
    rmSync(path, { force: true });
  };
}

function openExclusively(path: string): number {
  try {
    return openSync(path, "wx", 0o600);
  } catch (cause) {
    throw new LocalNetworkError(
      "directoryInUse",
      "the directory was taken by another local network just now",
      { cause },
    );
  }
}

/** The process that the lock names; 0 when it names none. */
function readOwner(path: string): number | undefined {
  try {
    const pid = Number(readFileSync(path, "utf8"));
    return Number.isSafeInteger(pid) ? pid : 0;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw cause;
  }
}

function isAlive(pid: number): boolean {
  if (pid === 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return (cause as NodeJS.ErrnoException).code === "EPERM";
  }
}
