import { join } from "node:path";
import {
  createEngine,
  type Carryover,
  type EnginePorts,
  type Policy,
} from "@carryover/client";
import {
  createChannels,
  createDormantInstallations,
  createHistory,
  createInstallation,
  createNodePorts,
  createScratch,
  createStateStore,
  createStorageProviderClient,
  createWorkPlaces,
  nativeScrypt,
  networkOf,
  systemClock,
  systemRandomBytes,
  type XmtpClient,
} from "@carryover/xmtp-node";

export interface AssemblyOptions extends Partial<Policy> {
  directory: string;
  encryptionKey: Uint8Array;
}

/** The engine on the ports that `createCarryover` gives it, with something in between. */
export async function assembleCarryover(
  client: XmtpClient,
  { directory, encryptionKey, ...policy }: AssemblyOptions,
  wrapPorts: (ports: EnginePorts) => EnginePorts,
): Promise<Carryover> {
  const installation = createInstallation(client);
  const own = join(directory, installation.installationId);
  const clock = systemClock;
  const randomBytes = systemRandomBytes;
  const stateStore = await createStateStore({
    directory: join(own, "state"),
    encryptionKey,
    installationId: installation.installationId,
  });
  const ports: EnginePorts = {
    installation,
    channels: createChannels(client, clock),
    history: await createHistory(client, {
      directory: join(own, "archives"),
      clock,
      randomBytes,
    }),
    stateStore,
    scratch: await createScratch(join(own, "scratch")),
    storageProvider: createStorageProviderClient({
      uploadSecret: encryptionKey,
      installation,
    }),
    clock,
    randomBytes,
    backupFile: createNodePorts(),
    accountFiles: {
      dormantInstallations: createDormantInstallations({
        observer: client,
        network: networkOf(client),
        workPlaces: await createWorkPlaces(join(own, "dormant")),
        clock,
        randomBytes,
      }),
      scrypt: nativeScrypt,
    },
  };
  return await createEngine(wrapPorts(ports), policy);
}
