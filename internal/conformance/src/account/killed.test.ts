import { randomBytes } from "node:crypto";
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { newInstallation, type TestClient, waitFor } from "@carryover/testkit";
import {
  accountFileAt,
  type Carryover,
  createCarryover,
  inspectBackupAccountFile,
  revokeBackupAccountFile,
} from "@carryover/xmtp-node";
import { Client, type Signer } from "@xmtp/node-sdk";
import { hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { everyConsent } from "../main-job/support/sdk-values.js";
import {
  buildProgram,
  type BuiltProgram,
} from "../main-job/support/build-program.js";
import { createWorld, type World } from "../main-job/support/world.js";
import {
  leftIn,
  newFilePath,
  protection,
  secret,
  textsOf,
} from "./support/lost-phone.js";
import type { MortalAnswer, MortalTask } from "./support/mortal-work.js";

let program: BuiltProgram;
let world: World;
let bo: TestClient;
let task: Omit<MortalTask, "work">;
let signer: Signer;
beforeAll(async () => {
  program = await buildProgram(
    join(import.meta.dirname, "support/mortal-work.ts"),
  );
  world = await createWorld();
  bo = await world.someone();
});
afterAll(async () => {
  await world.close();
  await program.remove();
});

beforeEach(async () => {
  const root = await world.testNetwork.temporaryDirectory();
  const walletKey = generatePrivateKey();
  const account = privateKeyToAccount(walletKey);
  signer = {
    type: "EOA",
    getIdentifier: () => ({
      identifier: account.address.toLowerCase(),
      identifierKind: 0,
    }),
    signMessage: async (message) =>
      hexToBytes(await account.signMessage({ message })),
  };
  await mkdir(join(root, "tmp"));
  task = {
    apiUrl: world.testNetwork.apiUrl,
    databasePath: join(root, "xmtp.db3"),
    walletKey,
    directory: join(root, "carryover"),
    encryptionKey: new Uint8Array(randomBytes(32)),
    path: await newFilePath(world),
    workDirectory: join(root, "work"),
    protection,
    secret,
    storageUrl: world.storage.url,
  };
});

/** Whether no plain database of a dormant installation is anywhere: they go with the process, not when the next one comes. */
async function nothingPlainIsLeft(): Promise<boolean> {
  try {
    const names = await readdir(dirname(task.directory), { recursive: true });
    return !names.some((name) => name.includes("dormant.db3"));
  } catch (error) {
    // A directory went while its list was read.
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      return false;
    throw error;
  }
}

/** Does a piece of work in a process of its own. */
async function work(
  what: MortalTask["work"],
  changes: Partial<MortalTask> = {},
): Promise<"done" | "killed"> {
  const child = fork(program.path, {
    serialization: "advanced",
    env: {
      PATH: process.env["PATH"],
      TMPDIR: join(dirname(task.directory), "tmp"),
    },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  const answered = once(child, "message");
  child.send({ ...task, ...changes, work: what });
  const first: unknown = await Promise.race([
    answered.then(([answer]: unknown[]) => answer),
    exited.then(() => "killed"),
  ]);
  child.kill("SIGKILL");
  await exited;
  await waitFor("every plain database to be gone", nothingPlainIsLeft);
  if (first === "killed") return "killed";
  const answer = first as MortalAnswer;
  if ("failed" in answer) throw new Error(answer.failed);
  return "done";
}

/** Lives a little, and lets go of the database. */
async function prepare(): Promise<string> {
  const client = await open();
  const group = await client.conversations.createGroup([bo.inboxId]);
  await group.sendText("before, Alix");
  await bo.conversations.syncAll(everyConsent);
  await client.close();
  return group.id;
}

async function open(databasePath = task.databasePath): Promise<TestClient> {
  return await Client.create(signer, {
    env: "local",
    apiUrl: task.apiUrl,
    dbPath: databasePath,
    disableDeviceSync: true,
  });
}

/** What the next start finds and does. */
async function nextStart<T>(
  look: (carryover: Carryover, client: TestClient) => Promise<T>,
): Promise<T> {
  const client = await newInstallation(
    { network: world.testNetwork, address: "", signer },
    { databasePath: task.databasePath },
  );
  const carryover = await createCarryover(client, task);
  try {
    const own = join(task.directory, client.installationId);
    // Whatever the dead process had open is gone before anything else is done.
    expect(await leftIn(join(own, "dormant"))).toEqual([]);
    expect(await leftIn(join(own, "scratch"))).toEqual([]);
    expect(await leftIn(join(own, "archives"))).toEqual([]);
    return await look(carryover, client);
  } finally {
    await carryover.close();
    await client.close();
  }
}

const file = () => accountFileAt(task.path);
const inWork = { network: { env: "local" as const } };

test("killed while a file is made: nothing plain is left, an installation that no file holds is known, and the next try works", async () => {
  await prepare();
  for (const [killAt, killAfterMs, isRegistered] of [
    ["registering", undefined, false],
    ["joiningConversations", undefined, true],
    ["syncing", 20, true],
    ["importing", undefined, true],
    ["piece", undefined, true],
    ["check", undefined, true],
  ] as const) {
    expect(
      await work("create", {
        killAt,
        ...(killAfterMs !== undefined && { killAfterMs }),
      }),
    ).toBe("killed");
    expect(await file().exists(), killAt).toBe(false);
    await nextStart(async (carryover) => {
      const unfinished = await carryover.fetchUnfinishedBackupAccountFiles();
      expect(unfinished, killAt).toHaveLength(isRegistered ? 1 : 0);
      for (const { installationId } of unfinished)
        expect(
          await revokeBackupAccountFile({
            signer,
            inboxId: carryover.inboxId,
            installationId,
            network: { ...inWork.network, apiUrl: task.apiUrl },
            directory: task.workDirectory,
          }),
        ).toMatchObject({ outcome: "revoked" });
      expect(await carryover.fetchUnfinishedBackupAccountFiles()).toEqual([]);
    });
  }
  expect(await work("create")).toBe("done");
  // What the killed ones had written aside is gone too.
  expect(await readdir(dirname(task.path))).toEqual(["alix.backup"]);
  expect(
    (await inspectBackupAccountFile({ file: file(), secret })).contents?.summary
      .sequence,
  ).toBe(1);
  await nextStart(async (carryover) => {
    expect(await carryover.fetchUnfinishedBackupAccountFiles()).toEqual([]);
    expect(await carryover.fetchAccountBudget()).toMatchObject({
      installations: { used: 2 },
    });
  });
});

test("killed while it restores or refreshes: nothing plain is left, the file is whole, and the next try ends the same", async () => {
  const groupId = await prepare();
  expect(await work("create")).toBe("done");
  const bytes = await readFile(task.path);
  const root = dirname(task.directory);
  // The new phone.
  task = { ...task, databasePath: join(root, "new.db3") };
  for (const [killAt, killAfterMs] of [
    ["syncing", 20],
    ["archiving", undefined],
    ["importing", undefined],
    ["cleaningUp", undefined],
  ] as const) {
    expect(
      await work("restore", {
        killAt,
        ...(killAfterMs !== undefined && { killAfterMs }),
      }),
    ).toBe("killed");
    expect(bytes.equals(await readFile(task.path)), killAt).toBe(true);
    await nextStart(async () => undefined);
  }
  expect(await work("restore")).toBe("done");
  await nextStart(async (_carryover, client) => {
    expect(await textsOf(client)).toEqual({ [groupId]: ["before, Alix"] });
  });

  for (const killAt of ["syncing", "renewingKeyPackage", "piece"]) {
    expect(await work("refresh", { killAt })).toBe("killed");
    expect(bytes.equals(await readFile(task.path)), killAt).toBe(true);
  }
  expect(await work("refresh")).toBe("done");
  expect(await leftIn(task.workDirectory)).toEqual([]);
  expect(await readdir(dirname(task.path))).toEqual(["alix.backup"]);
  const { contents } = await inspectBackupAccountFile({ file: file(), secret });
  expect(contents?.summary.sequence).toBe(2);
});

test("killed while it answers a request: nothing plain is left, the file is whole, and the next try answers", async () => {
  const groupId = await prepare();
  expect(await work("create")).toBe("done");
  const bytes = await readFile(task.path);
  const client = await newInstallation({
    network: world.testNetwork,
    address: "",
    signer,
  });
  const fresh = await createCarryover(client, {
    directory: join(dirname(task.directory), "fresh"),
    encryptionKey: task.encryptionKey,
    allowedStorageOrigins: [world.storage.url],
  });
  const ask = async () => {
    await fresh.requestRemoteMessageHistoryBackup({
      storageProviderUrl: world.storage.url,
      appName: "Fresh",
      ask: "devicesAndBackupAccountFiles",
    });
  };
  try {
    await ask();
    for (const killAt of ["openingFile", "syncing", "archiving", "uploading"]) {
      expect(await work("requests", { killAt })).toBe("killed");
      expect(bytes.equals(await readFile(task.path)), killAt).toBe(true);
    }
    expect(await work("requests")).toBe("done");
    expect(await leftIn(task.workDirectory)).toEqual([]);
    const { ready } = await fresh.sync();
    await fresh.applyRemoteMessageHistoryBackup(ready[0]?.requestId ?? "");
    expect((await textsOf(client))[groupId]).toEqual(["before, Alix"]);
    // An answer that was sent is not sent again, whether or not the process lived to say so.
    await ask();
    expect(await work("requests", { killAt: "answered" })).toBe("killed");
    await expect(work("requests")).rejects.toThrow("nobody asks");
    expect(bytes.equals(await readFile(task.path))).toBe(true);
  } finally {
    await fresh.close();
    await client.close();
  }
});
