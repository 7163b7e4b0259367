import { join } from "node:path";
import {
  type AccountSigner,
  CarryoverError,
  type Clock,
  type DormantInstallations,
  type DormantReach,
  type NewInstallation,
  type OpenDormantInstallation,
  type RandomBytes,
} from "@carryover/client";
import type { AccountIdentifier } from "@carryover/account-file";
import { parseInboxId, parseInstallationId } from "@carryover/protocol";
import {
  openingChannels,
  revokeWithWallet,
  watchSigner,
} from "@carryover/xmtp-shared";
import { Client, type ClientOptions, createBackend } from "@xmtp/node-sdk";
import { backupMessageCodec } from "../backup-message-codec.js";
import { createChannels } from "../channels.js";
import { createHistory } from "../history.js";
import { createInstallation } from "../installation.js";
import { libraryCall } from "../library-call.js";
import { taskRunner, type XmtpClient } from "../sdk-values.js";
import {
  assertIsOneFile,
  databasePathIn,
  makeEmptyDatabase,
  readDatabase,
  writeDatabase,
} from "./dormant-database.js";
import { fetchKeyPackage } from "./key-package.js";
import { type ClientNetwork, nodeUrlOf } from "./network-options.js";
import { type NetworkWall, openNetworkWall } from "./network-wall.js";
import type { WorkPlace, WorkPlaces } from "./work-places.js";

/** What dormant installations need. */
export interface DormantInstallationsOptions {
  /** Any client on the network: it is only asked about others. */
  observer: XmtpClient;
  network: ClientNetwork;
  /** For their databases, which are not encrypted while they are open. */
  workPlaces: WorkPlaces;
  clock: Clock;
  randomBytes: RandomBytes;
}

/** Dormant installations over the official client. */
export function createDormantInstallations(
  options: DormantInstallationsOptions,
): DormantInstallations {
  const { observer, network, workPlaces } = options;
  return {
    environment: observer.env,
    libraryVersion: observer.libxmtpVersion ?? "",
    fetchAccount: (inboxId) =>
      libraryCall(
        "the account could not be read from the network",
        async () => {
          const states = await observer.preferences.fetchInboxStates([inboxId]);
          const state = states.find((each) => each.inboxId === inboxId);
          const counts = await observer.fetchLatestInboxUpdatesCount([inboxId]);
          return {
            installations: (state?.installations ?? []).map(
              ({ id, clientTimestampNs }) => ({
                installationId: parseInstallationId(id),
                ...(clientTimestampNs !== undefined &&
                  clientTimestampNs > 0n && { createdAtNs: clientTimestampNs }),
              }),
            ),
            identityUpdatesUsed: Number(counts.get(inboxId) ?? 0),
          };
        },
      ),
    findInbox: (signer) =>
      libraryCall(
        "the account could not be read from the network",
        async () => {
          const inboxId = await observer.fetchInboxIdByIdentifier(
            await signer.getIdentifier(),
          );
          return inboxId === null ? undefined : parseInboxId(inboxId);
        },
      ),
    make: (signer, inboxId) =>
      inWorkPlace(workPlaces, (place) => make(options, place, signer, inboxId)),
    open: (database, { account, reach }) =>
      inWorkPlace(
        workPlaces,
        async (place) => {
          await writeDatabase(place, database);
          return await openInstallation(options, place, account, reach);
        },
        () => cancelUnread(database),
      ),
    openThrowAway: (account) =>
      inWorkPlace(workPlaces, async (place) => {
        await makeEmptyDatabase(place);
        return await openInstallation(options, place, account, "nothing");
      }),
    revoke: async (signer, inboxId, installationIds) => {
      const { recoveryIdentifier } = await recoveryOf(observer, inboxId);
      await revokeWithWallet(signer, recoveryIdentifier, async (watched) =>
        Client.revokeInstallations(
          watched,
          inboxId,
          installationIds.map((id) => new Uint8Array(Buffer.from(id, "hex"))),
          "backend" in network ? network.backend : await createBackend(network),
        ),
      );
    },
  };
}

async function recoveryOf(observer: XmtpClient, inboxId: string) {
  return await libraryCall(
    "the account could not be read from the network",
    async () => {
      const [state] = await observer.preferences.fetchInboxStates([inboxId]);
      return {
        recoveryIdentifier: state?.recoveryIdentifier.identifier ?? "",
      };
    },
  );
}

/** Gives the place back unless something is open in it. */
async function inWorkPlace<T>(
  workPlaces: WorkPlaces,
  work: (place: WorkPlace) => Promise<T>,
  onFailure: () => Promise<void> = async () => undefined,
): Promise<T> {
  let place: WorkPlace | undefined;
  try {
    place = await workPlaces.take();
    return await work(place);
  } catch (error) {
    await onFailure();
    await place?.release();
    throw error;
  }
}

async function cancelUnread(stream: ReadableStream<Uint8Array>): Promise<void> {
  if (!stream.locked) await stream.cancel().catch(() => undefined);
}

/**
 * What a dormant client is made with. Key packages are renewed by a worker of the library, that is off where nothing is to
 * be renewed.
 */
function clientOptions(
  network: ClientNetwork,
  place: WorkPlace,
  renewal: "on" | "off",
) {
  return {
    ...network,
    dbPath: databasePathIn(place),
    disableDeviceSync: true,
    codecs: [backupMessageCodec],
    ...(renewal === "off" && {
      workerConfig: { disabledWorkers: [taskRunner] },
    }),
  };
}

const ethereum = 0;
const passkey = 1;

async function openInstallation(
  options: DormantInstallationsOptions,
  place: WorkPlace,
  account: AccountIdentifier,
  reach: DormantReach,
): Promise<OpenDormantInstallation> {
  const { network } = options;
  const renewal =
    reach === "nothing" || reach === "backupChannels" ? "off" : "on";
  if (reach === "everything") {
    const client = await buildClient(
      options,
      account,
      clientOptions(network, place, renewal),
    );
    return await asOpen(options, place, { client, account });
  }
  const ownChannels = new Set<string>();
  const wall = await openNetworkWall(nodeUrlOf(network), {
    keyPackage: reach === "keyPackage" ? "allowed" : "refused",
    // What is refreshed is saved: it must not believe that something was sent that was not.
    otherwise: reach === "keyPackage" ? "error" : "success",
    mayWriteTo: (groupId) => ownChannels.has(groupId),
  });
  try {
    const client = await buildClient(
      options,
      account,
      clientOptions(
        { env: options.observer.env, apiUrl: wall.url },
        place,
        renewal,
      ),
    );
    const opened = await asOpen(options, place, { client, account, wall });
    return reach === "backupChannels"
      ? {
          ...opened,
          channels: openingChannels(opened.channels, client, (groupId) => {
            ownChannels.add(groupId);
          }),
        }
      : opened;
  } catch (error) {
    await wall.close();
    throw error;
  }
}

async function buildClient(
  { observer }: DormantInstallationsOptions,
  { identifier, kind }: AccountIdentifier,
  clientOptions: ClientOptions,
): Promise<XmtpClient> {
  try {
    return await libraryCall(
      "the installation could not be opened",
      () =>
        Client.build(
          {
            identifier,
            identifierKind: kind === "passkey" ? passkey : ethereum,
          },
          clientOptions,
        ) as Promise<XmtpClient>,
      { code: "accountFileDatabaseRefused" },
    );
  } catch (error) {
    // The library does not say which it was. When it can reach the network now, the network was not the reason.
    await libraryCall("the network could not be reached", () =>
      observer.fetchLatestInboxUpdatesCount([observer.inboxId]),
    );
    throw error;
  }
}

async function make(
  options: DormantInstallationsOptions,
  place: WorkPlace,
  signer: AccountSigner,
  inboxId: string,
): Promise<NewInstallation> {
  await makeEmptyDatabase(place);
  const { identifier, identifierKind } = await signer.getIdentifier();
  const watched = watchSigner(signer);
  const client = (await libraryCall(
    "a new installation could not be made",
    () =>
      Client.create(watched.signer, {
        ...clientOptions(options.network, place, "off"),
        disableAutoRegister: true,
      }),
  )) as XmtpClient;
  if (client.inboxId !== inboxId) {
    await client.close();
    throw new CarryoverError(
      "walletOfAnotherAccount",
      "the wallet belongs to another inbox",
    );
  }
  const account: AccountIdentifier = {
    kind: identifierKind === passkey ? "passkey" : "ethereum",
    identifier: identifier.toLowerCase(),
  };
  return {
    ...(await asOpen(options, place, { client, account })),
    account,
    register: () =>
      watched.run(() =>
        libraryCall(
          "the installation could not be registered",
          () => client.register(),
          { waitsForPerson: watched.isAsked },
        ),
      ),
  };
}

async function asOpen(
  options: DormantInstallationsOptions,
  place: WorkPlace,
  opened: {
    client: XmtpClient;
    account: AccountIdentifier;
    /** What stands between the client and the network. */
    wall?: NetworkWall;
  },
): Promise<OpenDormantInstallation> {
  const { client, account, wall } = opened;
  const { clock, randomBytes } = options;
  let closed: Promise<void> | undefined;
  const closeClient = () =>
    (closed ??= (async () => {
      try {
        await libraryCall(
          "the installation could not be closed",
          () => client.close(),
          { code: "diskError" },
        );
      } finally {
        await wall?.close();
      }
    })());
  try {
    return {
      installation: createInstallation(client),
      channels: createChannels(client, clock),
      history: await createHistory(client, {
        directory: join(place.path, "archives"),
        clock,
        randomBytes,
      }),
      fetchKeyPackage: () =>
        fetchKeyPackage(options.observer, client.installationId),
      reopen: async (reach) => {
        await closeClient();
        return await openInstallation(options, place, account, reach);
      },
      close: async () => {
        await closeClient();
        await assertIsOneFile(place);
        return { readDatabase: () => readDatabase(place) };
      },
      dispose: async () => {
        try {
          await closeClient();
        } finally {
          await place.release();
        }
      },
    };
  } catch (error) {
    await closeClient();
    throw error;
  }
}
