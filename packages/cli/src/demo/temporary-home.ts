import { rmSync } from "node:fs";
import { lstat, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isRunning } from "@carryover/xmtp-node/running-process";

const prefix = "carryover-demo-";

/** A private directory that is gone afterwards, however the process ends. */
export interface TemporaryHome {
  readonly directory: string;
  remove(): Promise<void>;
}

/** Makes one, and takes away what a demo that was killed left. */
export async function createTemporaryHome(): Promise<TemporaryHome> {
  await sweepAbandoned();
  const directory = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  const removeAtExit = () => {
    rmSync(directory, { recursive: true, force: true });
  };
  process.once("exit", removeAtExit);
  return {
    directory,
    async remove() {
      await rm(directory, { recursive: true, force: true, maxRetries: 3 });
      process.off("exit", removeAtExit);
    },
  };
}

async function sweepAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = new RegExp(`^${prefix}([0-9]+)-`).exec(name)?.[1];
    if (pid === undefined || (await isRunning({ pid: Number(pid) }))) continue;
    const path = join(tmpdir(), name);
    const { uid } = await lstat(path).catch(() => ({ uid: undefined }));
    if (uid === process.getuid?.())
      await rm(path, { recursive: true, force: true });
  }
}
