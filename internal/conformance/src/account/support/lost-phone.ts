import { mkdtemp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { createPerson, type Person, type TestClient } from "@carryover/testkit";
import {
  accountFileAt,
  AccountFileError,
  type AccountFilePlace,
  CarryoverError,
  type CreatedBackupAccountFile,
} from "@carryover/xmtp-node";
import { everyConsent } from "../../main-job/support/sdk-values.js";
import {
  createWorld,
  type Device,
  type DeviceOptions,
  type World,
} from "../../main-job/support/world.js";

/** A person with a phone, a friend, and a Backup Account File. */
export interface Scene {
  readonly world: World;
  readonly alix: Person;
  readonly phone: Device;
  readonly bo: TestClient;
  /** A group of Alix's with a text of each in it, from before the file. */
  readonly groupId: string;
  readonly file: AccountFilePlace;
  readonly path: string;
  readonly created: CreatedBackupAccountFile;
}

export const passphrase = "correct horse battery staple";

/** The cheapest that a writer takes: these tests are not about guessing. */
export const protection = {
  kind: "passphrase",
  passphrase,
  workFactor: 15,
} as const;

export const secret = { kind: "passphrase", passphrase } as const;

/** Lives up to the moment at which the file has been made. */
export async function createScene(
  options: {
    history?: "includeSoFar" | "fromNowOn";
    phone?: DeviceOptions;
    storage?: Parameters<typeof createWorld>[0];
    /** Lives more before the file is made. */
    before?: (
      phone: TestClient,
      bo: TestClient,
      alix: Person,
      world: World,
    ) => Promise<void>;
  } = {},
): Promise<Scene> {
  const world = await createWorld(options.storage);
  const alix = createPerson(world.testNetwork);
  const phone = await world.device(alix, options.phone);
  const bo = await world.someone();
  const group = await phone.client.conversations.createGroup([bo.inboxId]);
  await group.sendText("group, before, Alix");
  await bo.conversations.syncAll(everyConsent);
  await say(bo, group.id, "group, before, Bo");
  await options.before?.(phone.client, bo, alix, world);
  await phone.client.conversations.syncAll(everyConsent);
  const path = await newFilePath(world);
  const file = accountFileAt(path);
  const created = await phone.carryover.createBackupAccountFile({
    file,
    signer: alix.signer,
    protection,
    ...(options.history && { history: options.history }),
  });
  // Whoever has not seen yet that somebody was added writes what the new member cannot read.
  await bo.conversations.syncAll(everyConsent);
  return {
    world,
    alix,
    phone,
    bo,
    groupId: group.id,
    file,
    path,
    created,
  };
}

/** The phone is gone: its database cannot be opened again. */
export async function losePhone({ phone }: Scene): Promise<void> {
  await phone.carryover.close();
  await phone.client.close();
}

/** A place in a directory of its own, so that what is left beside a file can be seen. */
export async function newFilePath({ testNetwork }: World): Promise<string> {
  const directory = await testNetwork.temporaryDirectory();
  return join(await mkdtemp(join(directory, "files-")), "alix.backup");
}

/** Writes into a conversation that a client knows. */
export async function say(
  client: TestClient,
  conversationId: string,
  text: string,
): Promise<void> {
  const conversation =
    await client.conversations.getConversationById(conversationId);
  if (conversation === undefined) throw new Error("no such conversation");
  await conversation.sendText(text);
}

/** Every text in a client's database, by conversation, oldest first. */
export async function textsOf(
  client: TestClient,
): Promise<Record<string, unknown[]>> {
  const texts: Record<string, unknown[]> = {};
  for (const conversation of await client.conversations.list({
    consentStates: everyConsent,
    includeDuplicateDms: true,
  }))
    texts[conversation.id] = (await conversation.messages())
      .map(({ content }) => content)
      .filter((content) => typeof content === "string");
  return texts;
}

/** Options of every call that works without an installation of Alix's. */
export async function workOptions({ testNetwork }: World) {
  return {
    network: { env: "local", apiUrl: testNetwork.apiUrl } as const,
    directory: join(await testNetwork.temporaryDirectory(), "work"),
  };
}

/**
 * Calls that change something for others, since the log was cleared. Key packages are left out: every installation renews
 * its own now and then.
 */
export function writesTo({ testNetwork }: World): string[] {
  return testNetwork.network.calls
    .list()
    .map(({ method }) => method)
    .filter((method) => /^(Send|Publish|BatchPublish|Register)/.test(method));
}

/** What temporary work has left, by name. */
export async function leftIn(directory: string): Promise<string[]> {
  return (await readdir(directory, { recursive: true })).filter(
    // Where a refresh notes what it has done, which requests a file has answered, and wrong PINs. The locks beside it say
    // that nobody has them.
    (name) =>
      !/^(notes(\/(answered|tries)-[0-9a-f]{64})?|locks(\/[0-9a-f]{64}(\/lock-[0-9]{12})?)?)$/.test(
        name,
      ),
  );
}

/** The code that a call is refused with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CarryoverError || error instanceof AccountFileError)
      return error.code;
    throw error;
  }
  throw new Error("it was not refused");
}
