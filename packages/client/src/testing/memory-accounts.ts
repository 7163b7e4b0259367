import {
  type InstallationId,
  parseInboxId,
  parseInstallationId,
} from "@carryover/protocol";
import { CarryoverError } from "../errors.js";
import { toHex } from "../hex.js";
import type { AccountFilePlace } from "../ports/account-file-place.js";
import type {
  AccountSigner,
  DormantInstallations,
  DormantReach,
  KeyPackageFacts,
  NewInstallation,
  OpenDormantInstallation,
} from "../ports/dormant-installations.js";
import {
  inboxId,
  type SampleInstallation,
  sampleInstallation,
} from "./installations.js";
import {
  createMemoryChannels,
  type MemoryChannels,
} from "./memory-channels.js";
import { createMemoryHistory, type MemoryHistory } from "./memory-history.js";
import type { ManualClock, MemoryNetwork } from "./memory-network.js";
import { streamOf } from "./stream-of.js";

const utf8 = new TextEncoder();
const dayNs = 86_400_000_000_000n;

/** The wallet of the sample account; what it signs is no signature that anything recovers an address from. */
export const sampleSigner: AccountSigner = {
  type: "EOA",
  getIdentifier: () => ({
    identifier: `0x${"ac".repeat(20)}`,
    identifierKind: 0,
  }),
  signMessage: () => new Uint8Array(65),
};

/** A dormant installation as its database has it. */
export interface MemoryDormant {
  sample: SampleInstallation;
  history: MemoryHistory;
  channels: MemoryChannels;
  /** How it was opened, in order. */
  reaches: DormantReach[];
}

export interface MemoryAccounts extends DormantInstallations {
  libraryVersion: string;
  environment: string;
  identityUpdatesUsed: number;
  keyPackages: Map<string, KeyPackageFacts>;
  /** Every installation that was made, in order. */
  made: MemoryDormant[];
  /** Databases that lie on the disk now. */
  openCount: number;
  /** Whether the library renews a key package when it is let at it. */
  renewal: "prompt" | "never";
  /** Called when one is opened: what its database shows then. */
  onOpen: (dormant: MemoryDormant) => void;
  /** Throws what a database is refused with. */
  refuseDatabase: () => void;
}

/** Bytes of a database, by which the installation is found again. */
const databaseOf = (index: number) =>
  utf8.encode(`SQLite format 3\0installation ${index}\n`);

/**
 * Dormant installations in memory. Each call is one of the network's, by name, with `dormant:` before what an open one does
 * by itself, so that a test can let any of them fail.
 */
export function createMemoryAccounts(
  network: MemoryNetwork,
  clock: ManualClock,
): MemoryAccounts {
  const dormantNetwork: MemoryNetwork = {
    installations: network.installations,
    calls: network.calls,
    isDown: (name) => network.isDown(name),
    call: (name) => network.call(`dormant:${name}`),
  };
  const uploadKeyPackage = (installationId: string) =>
    accounts.keyPackages.set(installationId, {
      createdAtNs: clock.ns,
      expiresAtNs: clock.ns + 84n * dayNs,
    });
  const createDormant = (): MemoryDormant => {
    const dormant: MemoryDormant = {
      sample: sampleInstallation(100 + accounts.made.length),
      history: createMemoryHistory(dormantNetwork),
      channels: createMemoryChannels(dormantNetwork),
      reaches: [],
    };
    return dormant;
  };
  const asOpen = (dormant: MemoryDormant): OpenDormantInstallation => {
    const { installationId, sign } = dormant.sample;
    accounts.openCount += 1;
    let isDisposed = false;
    return {
      installation: {
        inboxId,
        installationId,
        environment: accounts.environment,
        libraryVersion: accounts.libraryVersion,
        sign: async (text) => sign(text),
        fetchInboxState: async () => {
          dormantNetwork.call("fetchInboxState");
          return { installations: structuredClone(network.installations) };
        },
      },
      channels: dormant.channels,
      history: dormant.history,
      fetchKeyPackage: async () => {
        network.call("fetchKeyPackage");
        return accounts.keyPackages.get(installationId);
      },
      reopen: async (reach) => {
        network.call(`reopen:${reach}`);
        dormant.reaches.push(reach);
        if (accounts.renewal === "prompt") uploadKeyPackage(installationId);
        accounts.openCount -= 1;
        isDisposed = true;
        return asOpen(dormant);
      },
      close: async () => {
        network.call("close");
        const database = databaseOf(accounts.made.indexOf(dormant));
        return { readDatabase: async () => streamOf([database]) };
      },
      dispose: async () => {
        if (!isDisposed) accounts.openCount -= 1;
        isDisposed = true;
      },
    };
  };
  const accounts: MemoryAccounts = {
    libraryVersion: "1.11.0",
    environment: "test",
    identityUpdatesUsed: 3,
    keyPackages: new Map(),
    made: [],
    openCount: 0,
    renewal: "prompt",
    onOpen: () => undefined,
    refuseDatabase: () => undefined,
    fetchAccount: async () => {
      network.call("fetchAccount");
      return {
        installations: structuredClone(network.installations),
        identityUpdatesUsed: accounts.identityUpdatesUsed,
      };
    },
    findInbox: async () => {
      network.call("findInbox");
      return parseInboxId(inboxId);
    },
    make: async (): Promise<NewInstallation> => {
      network.call("make");
      const dormant = createDormant();
      accounts.made.push(dormant);
      const { installationId } = dormant.sample;
      return {
        ...asOpen(dormant),
        account: { kind: "ethereum", identifier: `0x${"ac".repeat(20)}` },
        register: async () => {
          network.call("register");
          network.installations.push({ installationId, createdAtNs: clock.ns });
          accounts.identityUpdatesUsed += 1;
          uploadKeyPackage(installationId);
          network.call("registered");
        },
      };
    },
    open: async (database, { reach }) => {
      const text = await new Response(database).text();
      network.call("open");
      accounts.refuseDatabase();
      const index = Number(/installation (\d+)\n$/.exec(text)?.[1]);
      const dormant = accounts.made[index];
      if (dormant === undefined)
        throw new CarryoverError("accountFileDatabaseRefused", "no database");
      dormant.reaches.push(reach);
      accounts.onOpen(dormant);
      return asOpen(dormant);
    },
    openThrowAway: async () => {
      network.call("openThrowAway");
      return asOpen(createDormant());
    },
    revoke: async (_signer, _inboxId, installationIds) => {
      network.call("revoke");
      network.installations.splice(
        0,
        network.installations.length,
        ...network.installations.filter(
          (each) => !installationIds.includes(each.installationId),
        ),
      );
      accounts.identityUpdatesUsed += 1;
      network.call("revoked");
    },
  };
  return accounts;
}

export interface MemoryPlace extends AccountFilePlace {
  /** What lies there. */
  bytes: Uint8Array | undefined;
  writeCount: number;
  /** What the disk gives back of what was written to it. */
  readBack: (written: Uint8Array) => Uint8Array;
  /** Called before the new file takes its place. */
  onMove: () => void;
}

/** A place for one file, in memory. */
export function createMemoryPlace(): MemoryPlace {
  const place: MemoryPlace = {
    bytes: undefined,
    writeCount: 0,
    readBack: (written) => written,
    onMove: () => undefined,
    open: async () => {
      if (place.bytes === undefined)
        throw new CarryoverError("accountFileNotFound", "no such file");
      return streamOf([place.bytes]);
    },
    exists: async () => place.bytes !== undefined,
    write: async (file, { ifThere, check }) => {
      place.writeCount += 1;
      const written = new Uint8Array(await new Response(file).arrayBuffer());
      await check(streamOf([place.readBack(written)]));
      place.onMove();
      if (ifThere === "refuse" && place.bytes !== undefined)
        throw new CarryoverError("accountFileExists", "taken");
      place.bytes = written;
    },
  };
  return place;
}

/** Stands in for scrypt where its cost is of no interest. */
export async function quickScrypt(
  passphrase: Uint8Array,
  salt: Uint8Array,
): Promise<Uint8Array> {
  return new Uint8Array(
    await crypto.subtle.digest(
      "SHA-256",
      utf8.encode(`${toHex(passphrase)} ${toHex(salt)}`),
    ),
  );
}

/** An installation id that nobody has. */
export const nobody: InstallationId = parseInstallationId("ee".repeat(32));
