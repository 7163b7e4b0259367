import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startBrowser, type TestBrowser } from "@carryover/chromium";
import {
  createTestNetwork,
  newInstallation,
  type Person,
  startStorageProvider,
  type TestClient,
  type TestNetwork,
  type TestStorage,
} from "@carryover/testkit";
import {
  accountFileAt,
  type Carryover,
  createCarryover,
  type CreatedBackupAccountFile,
  type OutboundRequest,
  type ProtectionChoice,
} from "@carryover/xmtp-node";
import { hexToBytes } from "viem";
import {
  generatePrivateKey,
  type PrivateKeyAccount,
  privateKeyToAccount,
} from "viem/accounts";
import { type BuiltApp, buildApp, type ServedApp } from "./app-site.js";
import { installTestWallet, type TestWallet } from "./test-wallet.js";

/** Opens every file that the tests make, unless they say otherwise. */
export const passphrase = "seven green bottles";

/** The cheapest that a writer takes: these tests are not about guessing. */
const quickPassphrase: ProtectionChoice = {
  kind: "passphrase",
  passphrase,
  workFactor: 15,
};

/** Somebody whose wallet can be in the page too. */
export interface Alix extends Person {
  readonly account: PrivateKeyAccount;
}

/** One browser and one build of the app, for all tests of a file. */
export interface Stage {
  readonly app: BuiltApp;
  readonly browser: TestBrowser;
  readonly wallet: TestWallet;
  /** Makes a world of its own for a test: network, storage, people, and the app that serves them. */
  world(storageOptions?: StorageOptions): Promise<World>;
  close(): Promise<void>;
}

/** What a test happens in. */
export interface World {
  readonly network: TestNetwork;
  readonly storage: TestStorage;
  readonly site: ServedApp;
  readonly alix: Alix;
  readonly phone: Device;
  readonly bo: TestClient;
  /** Bo's wallet. */
  readonly boAccount: PrivateKeyAccount;
  /** A file that Alix's phone made on Node, of a group with one text before it and one after. */
  makeFile(protection?: ProtectionChoice): Promise<MadeFile>;
  /** A new installation of Alix's, with Carryover. */
  device(): Promise<Device>;
  /** Writes something down for the page to choose. */
  write(name: string, bytes: Uint8Array): Promise<string>;
  close(): Promise<void>;
}

export interface Device {
  readonly client: TestClient;
  readonly carryover: Carryover;
}

export interface MadeFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly groupId: string;
  readonly created: CreatedBackupAccountFile;
}

/** What is written before the file is made, and after. */
export const texts = ["before the file", "after the file"] as const;

/** Builds the app and starts Chromium. */
export async function createStage(): Promise<Stage> {
  const [app, browser] = await Promise.all([buildApp(), startBrowser()]);
  let alix: Alix | undefined;
  const wallet = await installTestWallet(browser.context, () => {
    if (alix === undefined) throw new Error("nobody has a wallet yet");
    return alix.account;
  });
  return {
    app,
    browser,
    wallet,
    world: async (storageOptions) => {
      const world = await createWorld(app, storageOptions);
      alix = world.alix;
      wallet.behave("signs");
      return world;
    },
    close: async () => {
      await browser.close();
      await app.remove();
    },
  };
}

type StorageOptions = Parameters<typeof startStorageProvider>[0];

async function createWorld(
  app: BuiltApp,
  storageOptions?: StorageOptions,
): Promise<World> {
  const network = await createTestNetwork();
  const storage = await startStorageProvider(storageOptions);
  const site = await app.serve({
    environment: "local",
    networkUrl: network.network.grpcWebUrl,
    storageOrigins: [storage.url],
  });
  const alix = createAlix(network);
  const device = async () => {
    const client = await newInstallation(alix);
    const carryover = await createCarryover(client, {
      encryptionKey: new Uint8Array(32).fill(7),
      directory: join(await network.temporaryDirectory(), "carryover"),
      allowedStorageOrigins: [storage.url],
    });
    network.onClose(() => carryover.close());
    return { client, carryover };
  };
  const phone = await device();
  const { account: boAccount, ...boPerson } = createAlix(network);
  const bo = await newInstallation(boPerson);
  return {
    network,
    storage,
    site,
    alix,
    phone,
    bo,
    boAccount,
    device,
    makeFile: async (protection = quickPassphrase) => {
      const group = await phone.client.conversations.createGroup([bo.inboxId], {
        groupName: "Book club",
      });
      await group.sendText(texts[0]);
      const path = join(await network.temporaryDirectory(), "alix.backup.age");
      const created = await phone.carryover.createBackupAccountFile({
        file: accountFileAt(path),
        signer: alix.signer,
        protection,
      });
      await say(bo, group.id, texts[1]);
      const bytes = new Uint8Array(await readFile(path));
      return { path, bytes, groupId: group.id, created };
    },
    write: async (name, bytes) => {
      const path = join(await network.temporaryDirectory(), name);
      await writeFile(path, bytes);
      return path;
    },
    close: async () => {
      await site.close();
      await storage.close();
      await network.close();
    },
  };
}

const ethereum = 0;

function createAlix(network: TestNetwork): Alix {
  const account = privateKeyToAccount(generatePrivateKey());
  const address = account.address.toLowerCase();
  return {
    account,
    network,
    address,
    signer: {
      type: "EOA",
      getIdentifier: () => ({ identifier: address, identifierKind: ethereum }),
      signMessage: async (message) =>
        hexToBytes(await account.signMessage({ message })),
    },
  };
}

async function say(client: TestClient, groupId: string, text: string) {
  await client.conversations.syncAll([0, 1, 2]);
  const group = await client.conversations.getConversationById(groupId);
  if (group === undefined) throw new Error("the group is not there");
  await group.sendText(text);
}

/** Every text of a conversation, oldest first. */
export async function textsOf(
  client: TestClient,
  groupId: string,
): Promise<string[]> {
  const group = await client.conversations.getConversationById(groupId);
  return ((await group?.messages()) ?? [])
    .map(({ content }) => content)
    .filter((content) => typeof content === "string");
}

/** Asks for the history, and says that a Backup Account File will answer. @returns the request to the file */
export async function askForHistory(
  { carryover }: Device,
  { storage }: World,
  { created }: MadeFile,
  appName = "Chatty",
): Promise<OutboundRequest> {
  const requests = await carryover.requestRemoteMessageHistoryBackup({
    storageProviderUrl: storage.url,
    appName,
    ask: "devicesAndBackupAccountFiles",
  });
  const request = requests.find(
    ({ recipientInstallationId }) =>
      recipientInstallationId === created.summary.installationId,
  );
  if (request === undefined) throw new Error("the file was not asked");
  return request;
}
