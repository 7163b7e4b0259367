import type { AccountIdentifier } from "@carryover/account-file";
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
import type { InboxId } from "@carryover/protocol";
import {
  libraryCall,
  openingChannels,
  revokeWithWallet,
  watchSigner,
} from "@carryover/xmtp-shared";
import { Client, createBackend } from "@xmtp/browser-sdk";
import { createChannels } from "../channels.js";
import { fromHex } from "../hex.js";
import { createHistory } from "../history.js";
import { createInstallation } from "../installation.js";
import type { XmtpClient } from "../sdk-values.js";
import {
  databaseName,
  databaseOfFiles,
  filesOfDatabase,
} from "./database-files.js";
import { assertNetworkIsKnown, type XmtpNetwork } from "./network-options.js";
import {
  fetchAccount,
  fetchKeyPackage,
  findInbox,
  type Observer,
} from "./observer.js";
import { readWhole } from "./read-parts.js";
import { quietOptions, renewalOff } from "./quiet-options.js";
import { emptyTree, type FileTree } from "./shield/memory-file-system.js";
import type { ShieldReach } from "./shield/messages.js";
import { type Shield, startShielded } from "./shield/shielded-worker.js";

/** What dormant installations need. */
export interface DormantInstallationsOptions {
  /** Any client on the network: it is only asked about others. */
  observer: Observer;
  network: XmtpNetwork;
  clock: Clock;
  randomBytes: RandomBytes;
}

/**
 * Dormant installations over the official client. Their databases are in the memory of the worker that has them open: no
 * disk is touched, and nothing is left when the page is gone.
 */
export function createDormantInstallations(
  options: DormantInstallationsOptions,
): DormantInstallations {
  const { network, observer } = options;
  assertNetworkIsKnown(network);
  return {
    environment: network.env,
    libraryVersion: observer.libxmtpVersion ?? "",
    fetchAccount: (inboxId) => fetchAccount(observer, inboxId),
    findInbox: async (signer) =>
      findInbox(observer, await signer.getIdentifier()),
    make: (signer, inboxId) => make(options, signer, inboxId),
    open: async (database, { account, reach }) =>
      openInstallation(options, {
        files: await filesOfDatabase(await readWhole(database)),
        account,
        reach,
      }),
    openThrowAway: (account) =>
      openInstallation(options, {
        files: emptyTree(),
        account,
        reach: "nothing",
      }),
    revoke: async (signer, inboxId, installationIds) => {
      const { recoveryIdentifier } = await fetchAccount(observer, inboxId);
      await revokeWithWallet(signer, recoveryIdentifier, async (watched) =>
        Client.revokeInstallations(
          watched,
          inboxId,
          installationIds.map(fromHex),
          await createBackend(network),
        ),
      );
    },
  };
}

/** What a worker may do for each reach. What is refreshed is saved: it must not believe that something was sent that was not. */
const shieldReaches: Record<DormantReach, ShieldReach> = {
  nothing: { kind: "walled", keyPackage: "refused", otherwise: "success" },
  backupChannels: {
    kind: "walled",
    keyPackage: "refused",
    otherwise: "success",
  },
  keyPackage: { kind: "walled", keyPackage: "allowed", otherwise: "error" },
  everything: { kind: "everything" },
};

const ethereum = 0;
const passkey = 1;

async function openInstallation(
  options: DormantInstallationsOptions,
  {
    files,
    account,
    reach,
  }: { files: FileTree; account: AccountIdentifier; reach: DormantReach },
): Promise<OpenDormantInstallation> {
  const { network, observer } = options;
  const renews = reach === "keyPackage" || reach === "everything";
  const { started: client, shield } = await startOrSayWhy(observer, () =>
    startShielded(
      () =>
        Client.build(
          {
            identifier: account.identifier,
            identifierKind: account.kind === "passkey" ? passkey : ethereum,
          },
          {
            ...network,
            ...quietOptions(),
            dbPath: databaseName,
            ...(renews ? {} : renewalOff),
          },
        ) as Promise<XmtpClient>,
      {
        reach: shieldReaches[reach],
        files,
        what: "the installation could not be opened",
        code: "accountFileDatabaseRefused",
      },
    ),
  );
  return asOpen(options, { client, shield, account, reach });
}

async function startOrSayWhy<T>(
  observer: Observer,
  start: () => Promise<T>,
): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (error instanceof CarryoverError && error.code === "networkWallMissing")
      throw error;
    // The library does not say which it was. When it can reach the network now, the network was not the reason.
    await libraryCall("the network could not be reached", () =>
      observer.fetchLatestInboxUpdatesCount(["0".repeat(64)]),
    );
    throw error;
  }
}

async function make(
  options: DormantInstallationsOptions,
  signer: AccountSigner,
  inboxId: InboxId,
): Promise<NewInstallation> {
  const { identifier, identifierKind } = await signer.getIdentifier();
  const watched = watchSigner(signer);
  const { started: client, shield } = await startShielded(
    () =>
      Client.create(watched.signer, {
        ...options.network,
        ...quietOptions(),
        ...renewalOff,
        dbPath: databaseName,
        disableAutoRegister: true,
      }) as Promise<XmtpClient>,
    {
      reach: shieldReaches.everything,
      what: "a new installation could not be made",
      code: "networkUnavailable",
    },
  );
  if (client.inboxId !== inboxId) {
    client.close();
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
    ...asOpen(options, { client, shield, account, reach: "everything" }),
    account,
    register: () =>
      watched.run(() =>
        libraryCall(
          "the installation could not be registered",
          async () => {
            await client.register();
          },
          { waitsForPerson: watched.isAsked },
        ),
      ),
  };
}

function asOpen(
  options: DormantInstallationsOptions,
  {
    client,
    shield,
    account,
    reach,
  }: {
    client: XmtpClient;
    shield: Shield;
    account: AccountIdentifier;
    reach: DormantReach;
  },
): OpenDormantInstallation {
  const { clock, randomBytes, observer } = options;
  try {
    const installation = createInstallation(client);
    const channels = createChannels(client, clock);
    return {
      installation,
      channels:
        reach === "backupChannels"
          ? openingChannels(channels, client, (groupId) =>
              shield.mayWriteTo(groupId),
            )
          : channels,
      history: createHistory(client, { clock, randomBytes }),
      fetchKeyPackage: () =>
        fetchKeyPackage(observer, installation.installationId),
      reopen: async (next) => {
        const files = await shield.copyFiles();
        client.close();
        return await openInstallation(options, { files, account, reach: next });
      },
      close: async () => {
        const database = await takeDatabase(client, shield, clock);
        return { readDatabase: async () => streamOf(database) };
      },
      dispose: async () => client.close(),
    };
  } catch (error) {
    client.close();
    throw error;
  }
}

/** The library's own workers write now and then. */
const takeTries = 50;
const takeEveryMs = 100;

/**
 * Ends the installation at a moment at which its database is whole. The library's worker has no way to be told to finish:
 * it is ended, and what it has in memory goes with it.
 */
async function takeDatabase(
  client: XmtpClient,
  shield: Shield,
  clock: Clock,
): Promise<Uint8Array> {
  try {
    for (let tried = 0; tried < takeTries; tried += 1) {
      const database = await databaseOfFiles(await shield.copyFiles());
      if (database !== undefined) return database;
      await clock.wait(takeEveryMs);
    }
    throw new CarryoverError(
      "diskError",
      "the library did not come to an end of what it was writing",
    );
  } finally {
    client.close();
  }
}

const chunkBytes = 256 * 1024;

/** Not from a blob, which the browser may move to its disk: the database is not encrypted. */
function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (at >= bytes.length) {
          controller.close();
          return;
        }
        // A copy: whoever reads a stream may hand on what it gets.
        controller.enqueue(bytes.slice(at, at + chunkBytes));
        at += chunkBytes;
      },
    },
    { highWaterMark: 0 },
  );
}
