import { randomUUID } from "node:crypto";
import {
  link,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { CarryoverError } from "@carryover/client";
import { hasErrorCode } from "./error-code.js";
import { ownerOnlyFile } from "./private-directory.js";
import {
  identifyThisProcess,
  isRunning,
  type ProcessIdentity,
} from "./running-process.js";

/** A directory that belongs to one process of this machine until it lets go or dies. */
export interface ProcessLock {
  release(): Promise<void>;
}

// Locks are numbered. Whoever has the highest number that is not released, and runs, has the lock. A number is given out
// once: a file is made whole under another name and then linked, which fails when the number is taken, and the highest
// number is never deleted, only overtaken. So of two that find a dead holder one gets the next number, and the other
// sees that.

const lockName = /^lock-([0-9]{12})$/;
const firstNumber = 1;

/**
 * @param directory - private to its owner
 * @param hooks.beforeClaim - lets a test be faster than a slow claim
 * @throws {CarryoverError} `stateLocked` when a running process has it, also this one
 */
export async function takeProcessLock(
  directory: string,
  hooks: { beforeClaim?: () => Promise<void> } = {},
): Promise<ProcessLock> {
  const own = { ...(await identifyThisProcess()), token: randomUUID() };
  for (;;) {
    const highest = await highestNumber(directory);
    if (highest !== undefined && (await isHeld(directory, highest)))
      throw new CarryoverError(
        "stateLocked",
        "another app or command that is running, or this one a second time, works with these records",
      );
    await hooks.beforeClaim?.();
    const number = highest === undefined ? firstNumber : highest + 1;
    if (!(await claim(directory, number, own))) continue;
    // A slow reader may have claimed a number that was given out and cleaned up before.
    if ((await highestNumber(directory)) !== number) {
      await rm(join(directory, nameOf(number)), { force: true });
      continue;
    }
    await removeBelow(directory, number);
    return {
      release: () => markReleased(directory, number),
    };
  }
}

type Holder = ProcessIdentity & { token: string };

async function claim(
  directory: string,
  number: number,
  holder: Holder,
): Promise<boolean> {
  const whole = await writeAside(directory, JSON.stringify(holder));
  try {
    await link(whole, join(directory, nameOf(number)));
    return true;
  } catch (error) {
    // ENOENT: whoever won has swept the directory meanwhile.
    if (hasErrorCode(error, "EEXIST") || hasErrorCode(error, "ENOENT"))
      return false;
    throw error;
  } finally {
    await rm(whole, { force: true });
  }
}

async function markReleased(directory: string, number: number): Promise<void> {
  const released = await writeAside(directory, "released");
  await rename(released, join(directory, nameOf(number)));
}

async function writeAside(directory: string, text: string): Promise<string> {
  const path = join(directory, `lock-aside-${randomUUID()}`);
  await writeFile(path, text, { mode: ownerOnlyFile, flag: "wx" });
  return path;
}

async function isHeld(directory: string, number: number): Promise<boolean> {
  let text: string;
  try {
    text = await readFile(join(directory, nameOf(number)), "utf8");
  } catch (error) {
    // Overtaken and cleaned up since it was listed: look again.
    if (hasErrorCode(error, "ENOENT")) return false;
    throw error;
  }
  const holder = parseHolder(text);
  return holder !== undefined && (await isRunning(holder));
}

function parseHolder(text: string): ProcessIdentity | undefined {
  if (text === "released") return undefined;
  try {
    const { pid, startedAt } = JSON.parse(text) as Partial<Holder>;
    if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 0)
      return undefined;
    return { pid, ...(typeof startedAt === "string" && { startedAt }) };
  } catch {
    // Locks are made whole: this one was damaged by something else, and holds nobody.
    return undefined;
  }
}

async function highestNumber(directory: string): Promise<number | undefined> {
  const numbers = await numbersIn(directory);
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

async function removeBelow(directory: string, number: number): Promise<void> {
  for (const each of await numbersIn(directory))
    if (each < number) await rm(join(directory, nameOf(each)), { force: true });
}

async function numbersIn(directory: string): Promise<number[]> {
  return (await readdir(directory)).flatMap((name) => {
    const digits = lockName.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
}

const nameOf = (number: number) => `lock-${String(number).padStart(12, "0")}`;
