import { join } from "node:path";
import { type Carryover, createEngine } from "@carryover/client";
import {
  createChannels,
  createHistory,
  createInstallation,
  createNodePorts,
  createScratch,
  createStateStore,
  createStorageProviderClient,
  systemClock,
  systemRandomBytes,
  type XmtpClient,
} from "@carryover/xmtp-node";
import type { Recorder } from "../intervals.js";
import { timePorts, timeWaits } from "./timed-ports.js";

/** The engine on the ports that `createCarryover` gives it, with a recorder in between. */
export async function assembleCarryover(
  client: XmtpClient,
  {
    directory,
    encryptionKey,
    storageUrl,
  }: { directory: string; encryptionKey: Uint8Array; storageUrl: string },
  recorder: Recorder,
): Promise<Carryover> {
  const installation = createInstallation(client);
  const history = await createHistory(client, {
    directory: join(directory, "archives"),
    clock: timeWaits(systemClock, recorder),
    randomBytes: systemRandomBytes,
  });
  const ports = {
    installation,
    channels: createChannels(client, systemClock),
    history,
    stateStore: await createStateStore({
      directory: join(directory, "state"),
      encryptionKey,
      installationId: installation.installationId,
    }),
    scratch: await createScratch(join(directory, "scratch")),
    storageProvider: createStorageProviderClient({
      uploadSecret: encryptionKey,
      installation,
    }),
    clock: systemClock,
    randomBytes: systemRandomBytes,
    backupFile: createNodePorts(),
  };
  return await createEngine(timePorts(ports, recorder), {
    allowedStorageOrigins: [new URL(storageUrl).origin],
  });
}
