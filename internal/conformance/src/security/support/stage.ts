import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  type Carryover,
  type CarryoverEvent,
  createEngine,
  type EnginePorts,
  type Policy,
} from "@carryover/client";
import {
  createPerson,
  createTestNetwork,
  newInstallation,
  type Person,
  startStorageProvider,
  type TestClient,
  type TestNetwork,
  type TestStorage,
  waitFor,
} from "@carryover/testkit";
import {
  createCarryover,
  createChannels,
  createHistory,
  createInstallation,
  createNodePorts,
  createScratch,
  createStateStore,
  createStorageProviderClient,
  systemClock,
  systemRandomBytes,
} from "@carryover/xmtp-node";
import {
  type HostileStorage,
  startHostileStorage,
} from "../../hostile/hostile-storage.js";

/** A network, an honest and a hostile storage service, and somebody whom Alix talks to. */
export interface Stage {
  readonly network: TestNetwork;
  readonly storage: TestStorage;
  readonly hostile: HostileStorage;
  readonly bo: TestClient;
  /** Somebody new with a wallet. */
  person(): Person;
  /** A client with Carryover. */
  device(person: Person, options?: DeviceOptions): Promise<Device>;
  close(): Promise<void>;
}

/** One installation of a person with Carryover on it, and what it told. */
export interface Device {
  readonly client: TestClient;
  readonly carryover: Carryover;
  readonly events: CarryoverEvent[];
  /** Everything that Carryover keeps on disk. */
  readonly directory: string;
  readonly encryptionKey: Uint8Array;
  /** Closes Carryover and opens it again, with what it had stored. */
  restart(options?: Partial<Policy>): Promise<Device>;
}

export interface DeviceOptions extends Partial<Policy> {
  client?: TestClient;
  /** Changes a real port, where only that shows what is to be shown. */
  wrapPorts?: (ports: EnginePorts) => EnginePorts;
}

/** Starts a stage. To be closed after the tests that share it. */
export async function createStage(
  storageOptions: Parameters<typeof startStorageProvider>[0] = {},
): Promise<Stage> {
  const network = await createTestNetwork();
  const storage = await startStorageProvider(storageOptions);
  network.onClose(() => storage.close());
  const hostile = await startHostileStorage();
  network.onClose(() => hostile.close());

  const open = async (
    client: TestClient,
    place: Pick<Device, "directory" | "encryptionKey">,
    { wrapPorts, ...policy }: Omit<DeviceOptions, "client">,
  ): Promise<Device> => {
    const options = {
      allowedStorageOrigins: [storage.url, hostile.url],
      ...policy,
    };
    const carryover =
      wrapPorts === undefined
        ? await createCarryover(client, { ...place, ...options })
        : await createEngine(
            wrapPorts(await realPorts(client, place)),
            options,
          );
    const events: CarryoverEvent[] = [];
    carryover.subscribe((event) => events.push(event));
    network.onClose(() => carryover.close());
    return {
      client,
      carryover,
      events,
      ...place,
      restart: async (changed = {}) => {
        await carryover.close();
        return await open(client, place, { ...policy, ...changed });
      },
    };
  };

  const person = () => createPerson(network);
  return {
    network,
    storage,
    hostile,
    bo: await newInstallation(person()),
    person,
    device: async (owner, { client: known, ...options } = {}) =>
      await open(
        known ?? (await newInstallation(owner)),
        {
          directory: join(await network.temporaryDirectory(), "carryover"),
          encryptionKey: new Uint8Array(randomBytes(32)),
        },
        options,
      ),
    close: () => network.close(),
  };
}

/** The ports that `createCarryover` gives the engine. */
async function realPorts(
  client: TestClient,
  { directory, encryptionKey }: Pick<Device, "directory" | "encryptionKey">,
): Promise<EnginePorts> {
  const installation = createInstallation(client);
  const own = join(directory, installation.installationId);
  const clock = systemClock;
  const randomBytesPort = systemRandomBytes;
  return {
    installation,
    channels: createChannels(client, clock),
    history: await createHistory(client, {
      directory: join(own, "archives"),
      clock,
      randomBytes: randomBytesPort,
    }),
    stateStore: await createStateStore({
      directory: join(own, "state"),
      encryptionKey,
      installationId: installation.installationId,
    }),
    scratch: await createScratch(join(own, "scratch")),
    storageProvider: createStorageProviderClient({
      uploadSecret: encryptionKey,
      installation,
    }),
    clock,
    randomBytes: randomBytesPort,
    backupFile: createNodePorts(),
  };
}

/** Starts listening, and waits until the stream is open: what is sent from then on comes through it. */
export async function startListening(
  { network: { network } }: Stage,
  { carryover }: Device,
): Promise<void> {
  const open = () =>
    network.calls.count({ method: "SubscribeGroupMessages", outcome: "open" });
  const before = open();
  await carryover.start();
  await waitFor("the stream to open", () => open() > before);
}

/** What every honest request here says. */
export const requestOptions = (storage: { url: string }) => ({
  storageProviderUrl: storage.url,
  appName: "Example Chat",
});

/** The only element. @throws when there is another number of them */
export function only<T>(list: readonly T[]): T {
  const [first, ...rest] = list;
  if (first === undefined || rest.length > 0)
    throw new Error(`expected one, got ${list.length}`);
  return first;
}
