import { fork } from "node:child_process";
import { once } from "node:events";

/** What the measuring process is to do. */
export interface MemoryTask {
  side: "old" | "fresh";
  requestId: string;
  apiUrl: string;
  databasePath: string;
  address: string;
  directory: string;
  encryptionKey: Uint8Array;
  storageUrl: string;
}

/** What it saw. */
export interface MemoryResult {
  /** Most that JavaScript held on to at any sample, beyond what it held before. */
  heldBytes: number;
  samples: number;
  /** Of the whole process, the SDK included, at its highest. */
  peakResidentBytes: number;
}

/** Runs the task in a process of its own. */
export async function measureMemory(
  program: string,
  task: MemoryTask,
): Promise<MemoryResult> {
  const child = fork(program, {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const result = once(child, "message") as Promise<[MemoryResult]>;
  const ended = once(child, "exit").then(() => {
    throw new Error("the measuring process ended without a result");
  });
  child.send(task);
  const [measured] = await Promise.race([result, ended]);
  child.kill();
  ended.catch(() => undefined);
  return measured;
}
