import { CarryoverError, type CarryoverErrorCode } from "@carryover/client";
import { libraryCall } from "@carryover/xmtp-shared";
import { buffersOf, emptyTree, type FileTree } from "./memory-file-system.js";
import type {
  ShieldNote,
  ShieldOrder,
  ShieldReach,
  ShieldSetup,
} from "./messages.js";

/** A worker of the library's that runs behind a wall, on files in memory. */
export interface Shield {
  /** Lets the library send into a group. */
  mayWriteTo(groupId: string): Promise<void>;
  /** A copy of the library's files as they are at a moment when it runs nothing. */
  copyFiles(): Promise<FileTree>;
}

/** How long a worker may take to come up, milliseconds: the library is 12 MB. */
const upTimeoutMs = 60_000;
/** How long it may take to answer. It may be in the middle of a long import. */
const orderTimeoutMs = 60_000;

/**
 * Lets the library start one worker, and shields it.
 *
 * @param start - starts it, before the first promise is awaited
 * @param options.files - what its file system holds; handed over, and empty here afterwards
 * @param options.what - for the message of `code`: "the installation could not be opened"
 * @returns what `start` gave
 * @throws {CarryoverError} `code` when `start` failed, or took too long; `networkWallMissing` when the worker did not come up, or the library has started none or more
 */
export async function startShielded<T>(
  start: () => Promise<T>,
  {
    reach,
    files = emptyTree(),
    what,
    code,
  }: {
    reach: ShieldReach;
    files?: FileTree;
    what: string;
    code: CarryoverErrorCode;
  },
): Promise<{ started: T; shield: Shield }> {
  const up: Promise<Shield>[] = [];
  const workers: Worker[] = [];
  const RealWorker = globalThis.Worker;
  /** Stands for `Worker` while the library makes one. */
  class ShieldingWorker {
    constructor(script: string | URL) {
      globalThis.Worker = RealWorker;
      const { worker, shield } = startWorker(String(script), reach, files);
      workers.push(worker);
      up.push(shield);
      globalThis.Worker = ShieldingWorker as unknown as typeof Worker;
      return worker;
    }
  }
  let starting: Promise<T>;
  globalThis.Worker = ShieldingWorker as unknown as typeof Worker;
  try {
    starting = start();
  } finally {
    globalThis.Worker = RealWorker;
  }
  // It may never settle: then the worker has failed, and that is told of below.
  starting.catch(() => undefined);
  try {
    const [shield] = await Promise.all(up);
    if (shield === undefined || up.length > 1)
      throw new CarryoverError(
        "networkWallMissing",
        `the library has started ${up.length} workers, not one`,
      );
    // Ended here where it does not answer: what it has open would stay in memory otherwise.
    const started = await libraryCall(what, () => starting, { code });
    return { started, shield };
  } catch (error) {
    for (const worker of workers) worker.terminate();
    throw error;
  }
}

function startWorker(
  script: string,
  reach: ShieldReach,
  files: FileTree,
): { worker: Worker; shield: Promise<Shield> } {
  // In one expression, and with no ending: that is how bundlers find it.
  const worker = new Worker(new URL("./shield-worker", import.meta.url), {
    type: "module",
  });
  const { port1: port, port2 } = new MessageChannel();
  const setup: ShieldSetup = {
    carryoverShield: {
      script: new URL(script, globalThis.location.href).href,
      reach,
      files,
    },
  };
  const shield = comeUp(worker, port);
  worker.postMessage(setup, [port2, ...buffersOf(files)]);
  return { worker, shield };
}

async function comeUp(worker: Worker, port: MessagePort): Promise<Shield> {
  let lastId = 0;
  const waiting = new Map<number, (files: FileTree | undefined) => void>();
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string, cause?: unknown) =>
      reject(new CarryoverError("networkWallMissing", why, { cause }));
    const timer = setTimeout(
      () => fail(`the worker did not come up in ${upTimeoutMs} ms`),
      upTimeoutMs,
    );
    worker.addEventListener("error", (event) => {
      clearTimeout(timer);
      fail("the worker could not be started", event.error);
    });
    port.onmessage = ({ data: note }: MessageEvent<ShieldNote>) => {
      if (note.kind === "done") {
        waiting.get(note.id)?.(note.files);
        waiting.delete(note.id);
        return;
      }
      clearTimeout(timer);
      if (note.kind === "up") resolve();
      else fail("the wall could not be put up", new Error(note.why));
    };
  });
  const order = (
    make: (id: number) => ShieldOrder,
  ): Promise<FileTree | undefined> =>
    new Promise((resolve, reject) => {
      lastId += 1;
      const id = lastId;
      const timer = setTimeout(() => {
        waiting.delete(id);
        reject(
          new CarryoverError(
            "diskError",
            `the library's worker did not answer in ${orderTimeoutMs} ms`,
          ),
        );
      }, orderTimeoutMs);
      waiting.set(id, (files) => {
        clearTimeout(timer);
        resolve(files);
      });
      port.postMessage(make(id));
    });
  return {
    mayWriteTo: async (groupId) => {
      await order((id) => ({ id, kind: "mayWriteTo", groupId }));
    },
    copyFiles: async () =>
      (await order((id) => ({ id, kind: "copyFiles" }))) ?? emptyTree(),
  };
}
