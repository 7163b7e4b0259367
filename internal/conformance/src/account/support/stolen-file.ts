import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBackupAccountFile } from "@carryover/account-file";
import { newInstallation } from "@carryover/testkit";
import type { Device } from "../../main-job/support/world.js";
import { bytesOf } from "./rewrite-file.js";
import { type Scene, secret } from "./lost-phone.js";

/**
 * Whoever has the file and its secret: the installation in it, open with every right of the SDK, and Carryover on it that
 * forgets what it is.
 */
export async function stealFile({
  world,
  alix,
  file,
}: Pick<Scene, "world" | "alix" | "file">): Promise<Device> {
  const { database } = await openBackupAccountFile({
    file: await file.open(),
    secret,
  });
  const databasePath = join(
    await world.testNetwork.temporaryDirectory(),
    "stolen.db3",
  );
  await writeFile(databasePath, await bytesOf(database));
  const client = await newInstallation(alix, { databasePath });
  return await world.device(alix, { client });
}
