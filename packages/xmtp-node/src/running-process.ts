import { readFile } from "node:fs/promises";
import { hasErrorCode } from "./error-code.js";

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
    if (hasErrorCode(error, "ESRCH")) return false;
  }
  const status = await readStatus(identity.pid);
  if (status === undefined) return true;
  return (
    status.state === "alive" &&
    (identity.startedAt === undefined ||
      status.startedAt === identity.startedAt)
  );
}

async function identify(pid: number): Promise<ProcessIdentity> {
  const status = await readStatus(pid);
  return { pid, ...(status && { startedAt: status.startedAt }) };
}

interface ProcessStatus {
  /** A dead one answers to signals until its parent has asked how it ended, which may be never. */
  state: "alive" | "dead";
  startedAt: string;
}

/** Linux tells when a process started; the boot id keeps the ticks of two boots apart. */
async function readStatus(pid: number): Promise<ProcessStatus | undefined> {
  try {
    const [stat, bootId] = await Promise.all([
      readFile(`/proc/${pid}/stat`, "latin1"),
      readFile("/proc/sys/kernel/random/boot_id", "latin1"),
    ]);
    // The name in parentheses may hold anything. Field 22 of the whole is the 20th behind it.
    const fields = stat
      .slice(stat.lastIndexOf(")") + 1)
      .trim()
      .split(" ");
    const [state = ""] = fields;
    const ticks = fields[19];
    if (ticks === undefined) return undefined;
    return {
      state: ["Z", "X", "x"].includes(state) ? "dead" : "alive",
      startedAt: `${bootId.trim()}:${ticks}`,
    };
  } catch {
    return undefined;
  }
}
