import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  createPerson,
  createTestNetwork,
  newInstallation,
  type Person,
  startStorageProvider,
  type TestClient,
  type TestNetwork,
  type TestStorage,
} from "@carryover/testkit";
import type { EnginePorts } from "@carryover/client";
import {
  type Carryover,
  createCarryover,
  type Policy,
} from "@carryover/xmtp-node";
import { assembleCarryover } from "./assemble-carryover.js";

/** A network and a storage provider of a test's own. */
export interface World {
  readonly testNetwork: TestNetwork;
  readonly storage: TestStorage;
  /** A client of somebody whom Carryover does not matter to. */
  someone(): Promise<TestClient>;
  /** An installation with Carryover. */
  device(person: Person, options?: DeviceOptions): Promise<Device>;
  close(): Promise<void>;
}

/** One installation of a person, with Carryover on it. */
export interface Device {
  readonly client: TestClient;
  readonly carryover: Carryover;
  /** Everything that Carryover keeps on disk. */
  readonly directory: string;
  readonly encryptionKey: Uint8Array;
}

export interface DeviceOptions extends Partial<Policy> {
  client?: TestClient;
  /** Stands between the engine and the real ports. Without it the product's own assembly is used. */
  wrapPorts?: (ports: EnginePorts) => EnginePorts;
}

export const appName = "Test app";

/** Starts one. */
export async function createWorld(
  storageOptions: Parameters<typeof startStorageProvider>[0] = {},
): Promise<World> {
  const testNetwork = await createTestNetwork();
  const storage = await startStorageProvider(storageOptions);
  testNetwork.onClose(() => storage.close());
  return {
    testNetwork,
    storage,
    someone: () => newInstallation(createPerson(testNetwork)),
    device: async (person, { client: known, wrapPorts, ...policy } = {}) => {
      const client = known ?? (await newInstallation(person));
      const directory = join(
        await testNetwork.temporaryDirectory(),
        "carryover",
      );
      const encryptionKey = new Uint8Array(randomBytes(32));
      const options = {
        directory,
        encryptionKey,
        allowedStorageOrigins: [storage.url],
        ...policy,
      };
      const carryover =
        wrapPorts === undefined
          ? await createCarryover(client, options)
          : await assembleCarryover(client, options, wrapPorts);
      testNetwork.onClose(() => carryover.close());
      return { client, carryover, directory, encryptionKey };
    },
    close: () => testNetwork.close(),
  };
}

/** What every request in these tests says. */
export function requestOptions(world: World) {
  return { storageProviderUrl: world.storage.url, appName };
}
