import { readFile } from "node:fs/promises";

/** Which process this is, as far as the system tells: ids are used again, starting times are not. */
export interface ProcessIdentity {
  pid: number;
  /** Of this boot, in the system's own ticks; absent where it does not tell. */
  startedAt?: string;
}

/** Who this process is. */
export async function identifyThisProcess(): Promise<ProcessIdentity> {
  return identify(process.pid);
}

/** Whether the very process still runs. When in doubt it does. */
export async function isRunning(identity: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    // EPERM: it runs, and belongs to somebody else.
    if (error instanceof Error && "code" in error && error.code === "ESRCH")
      return false;
  }
  const { startedAt } = await identify(identity.pid);
  return (
    startedAt === undefined ||
    identity.startedAt === undefined ||
    startedAt === identity.startedAt
  );
}

async function identify(pid: number): Promise<ProcessIdentity> {
  const startedAt = await readStart(pid);
  return { pid, ...(startedAt !== undefined && { startedAt }) };
}

/** Linux tells when a process started; the boot id keeps the ticks of two boots apart. */
async function readStart(pid: number): Promise<string | undefined> {
  try {
    const [stat, bootId] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "latin1"),
      readFile("/proc/sys/kernel/random/boot_id", "latin1"),
    ]);
    // The name in parentheses may hold anything. Field 22 of the whole is the 20th behind it.
    const ticks = stat
      .slice(stat.lastIndexOf(")") + 1)
      .trim()
      .split(" ")[19];
    return ticks && `${bootId.trim()}:${ticks}`;
  } catch {
    return undefined;
  }
}
