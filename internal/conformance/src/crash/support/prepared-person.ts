import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import {
  createPerson,
  newInstallation,
  type TestClient,
} from "@carryover/testkit";
import { find } from "../../main-job/support/lived-history.js";
import { consent, everyConsent } from "../../main-job/support/sdk-values.js";
import {
  type ConversationView,
  viewHistory,
} from "../../main-job/support/view-history.js";
import type { World } from "../../main-job/support/world.js";
import type { RunnerSetup } from "./runner-protocol.js";

/** One of the two installations, closed. */
export interface PreparedInstallation {
  setup: RunnerSetup;
  /** Of its own: what is left in it is left by its process. */
  temporaryDirectory: string;
  /** Opens the client, without Carryover. */
  openClient(): Promise<TestClient>;
}

/** Somebody with an old installation that has a history, and a new one that has none. */
export interface PreparedPerson {
  old: PreparedInstallation;
  fresh: PreparedInstallation;
  /** What the old one shows. */
  history: Record<string, ConversationView>;
  messageCount: number;
}

/** In every message: no file of ours may hold it in the clear. */
export const plainMarker = "this-is-plain-text";

/** Lives a short history with a denied DM in it, and registers a second installation. */
export async function preparePerson(
  world: World,
  bo: TestClient,
): Promise<PreparedPerson> {
  const { testNetwork } = world;
  const person = createPerson(testNetwork);
  const prepare = async (): Promise<PreparedInstallation> => {
    const root = await testNetwork.temporaryDirectory();
    const temporaryDirectory = join(root, "tmp");
    await mkdir(temporaryDirectory);
    const databasePath = join(root, "xmtp.db3");
    return {
      temporaryDirectory,
      setup: {
        apiUrl: testNetwork.apiUrl,
        databasePath,
        address: person.address,
        directory: join(root, "carryover"),
        encryptionKey: new Uint8Array(randomBytes(32)),
        storageUrl: world.storage.url,
      },
      openClient: () => newInstallation(person, { databasePath }),
    };
  };
  const old = await prepare();
  const client = await old.openClient();
  const dm = await bo.conversations.createDm(client.inboxId);
  await dm.sendText(`${plainMarker}: you won a boat`);
  const own = await client.conversations.createGroup([bo.inboxId]);
  for (const text of ["one", "two", "three"])
    await own.sendText(`${plainMarker}: ${text}`);
  const joined = await bo.conversations.createGroup([client.inboxId]);
  await joined.sendText(`${plainMarker}: welcome`);
  await client.conversations.syncAll(everyConsent);
  (await find(client, dm.id)).updateConsentState(consent.denied);
  const history = await viewHistory(client);
  await client.close();
  const fresh = await prepare();
  await (await fresh.openClient()).close();
  return { old, fresh, history, messageCount: 5 };
}
