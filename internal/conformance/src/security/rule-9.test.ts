import { cp, lstat, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type TestClient, waitFor } from "@carryover/testkit";
import { createCarryover } from "@carryover/xmtp-node";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  test,
} from "vitest";
import type { Dealt } from "../hostile/hostile-storage.js";
import { createAskingScene } from "./support/asking-scene.js";
import { codeOf, historyOf } from "./support/evidence.js";
import { createScene, secretText } from "./support/scene.js";
import { createStage, type Device, type Stage } from "./support/stage.js";

let stage: Stage;
let umaskBefore: number;
beforeAll(async () => {
  stage = await createStage();
});
beforeEach(() => {
  // As careless as a process can be.
  umaskBefore = process.umask(0);
});
afterEach(() => {
  process.umask(umaskBefore);
  stage.hostile.mischief = () => "pass";
});
afterAll(() => stage.close());

/** Every file and directory below, with its mode. */
async function everythingIn(directory: string) {
  const found: {
    path: string;
    name: string;
    kind: "file" | "directory";
    mode: number;
  }[] = [];
  for (const entry of await readdir(directory, {
    recursive: true,
    withFileTypes: true,
  })) {
    const path = join(entry.parentPath, entry.name);
    found.push({
      path,
      name: entry.name,
      kind: entry.isDirectory() ? "directory" : "file",
      mode: (await lstat(path)).mode & 0o777,
    });
  }
  return found;
}

/** What lies on the disk in this moment is for its owner alone, and says nothing in the clear. */
async function expectPrivate(directory: string): Promise<void> {
  for (const { path, kind, mode } of await everythingIn(directory)) {
    expect(mode.toString(8), path).toBe(kind === "file" ? "600" : "700");
    if (kind === "directory") continue;
    const content = await readFile(path);
    for (const secret of [secretText, "AGE-SECRET-KEY", "http://", "three"])
      expect(content.includes(secret), `${secret} in ${path}`).toBe(false);
  }
}

/** What a process that is killed in this moment leaves behind. */
async function snapshot({
  directory,
}: Pick<Device, "directory">): Promise<string> {
  const copy = join(await stage.network.temporaryDirectory(), "carryover");
  await cp(directory, copy, { recursive: true });
  for (const { path, name } of await everythingIn(copy))
    if (name.startsWith("lock-")) await rm(path, { force: true });
  return copy;
}

/** Temporary files of a directory, by the place they are in. */
const temporaryFiles = async (directory: string) =>
  (await everythingIn(directory))
    .filter(
      ({ kind, path }) => kind === "file" && /scratch|archives/.test(path),
    )
    .map(({ path }) => path.slice(directory.length));

/** The same client, with something done around one of its methods. */
function watched(
  client: TestClient,
  method: "importArchive" | "createArchive",
  around: (work: () => Promise<void>) => Promise<void>,
): TestClient {
  return new Proxy(client, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const bound = value.bind(target) as (...args: unknown[]) => Promise<void>;
      return name === method
        ? (...args: unknown[]) => around(() => bound(...args))
        : bound;
    },
  });
}

test("security rule 9: temporary files of a backup are private while they are written and read, and gone afterwards", async () => {
  let looked = 0;
  let left = "";
  const { old, ask } = await createScene(stage);
  await old.carryover.close();
  const device = await stage.device(stage.person(), {
    client: watched(old.client, "createArchive", async (work) => {
      await work();
      looked += 1;
      await expectPrivate(device.directory);
      expect(await temporaryFiles(device.directory)).toHaveLength(1);
      left = await snapshot(device);
    }),
  });
  const { request } = await ask();
  await device.carryover.sync();
  await device.carryover.respondToBackupRequest(request.requestId, "approve");
  expect(looked).toBe(1);
  await expectPrivate(device.directory);
  expect(await temporaryFiles(device.directory)).toEqual([]);

  // Had the process been killed with the archive on the disk: the next start deletes it.
  expect(await temporaryFiles(left)).toHaveLength(1);
  const { encryptionKey } = device;
  const restarted = await createCarryover(old.client, {
    directory: left,
    encryptionKey,
  });
  expect(await temporaryFiles(left)).toEqual([]);
  await restarted.close();
});

test("security rule 9: temporary files of an import are private while they are written and read, and gone afterwards", async () => {
  const { answer, status, fresh } = await createAskingScene(stage);
  let left = "";
  let looked = 0;
  await answer();
  await status();
  await fresh.carryover.close();
  const { directory, encryptionKey } = fresh;
  const client = watched(fresh.client, "importArchive", async (work) => {
    looked += 1;
    await expectPrivate(directory);
    expect(await temporaryFiles(directory)).toHaveLength(2);
    left = await snapshot(fresh);
    await work();
  });
  const carryover = await createCarryover(client, { directory, encryptionKey });
  const [request] = await carryover.listOutboundBackupRequests();
  if (request === undefined) throw new Error("the request is gone");
  await carryover.applyRemoteMessageHistoryBackup(request.requestId);
  expect(looked).toBeGreaterThan(0);
  await expectPrivate(directory);
  expect(await temporaryFiles(directory)).toEqual([]);
  await carryover.close();

  // Had the process been killed during the import: the next start deletes the archive, and keeps the verified download to go on with.
  const restarted = await createCarryover(fresh.client, {
    directory: left,
    encryptionKey,
  });
  expect(await temporaryFiles(left)).toEqual([
    expect.stringMatching(/\/scratch\/backup-[0-9a-f]{32}$/),
  ]);
  await restarted.applyRemoteMessageHistoryBackup(request.requestId);
  expect(await temporaryFiles(left)).toEqual([]);
  await restarted.close();
});

test("security rule 9: a download is private while it is under way; what is left of one that nobody goes on with is swept", async () => {
  const { answer, status, apply, fresh, historyBefore, request } =
    await createAskingScene(stage);
  const { file } = await answer();
  await status();
  let left = "";
  stage.hostile.mischief = async ({ method }, response): Promise<Dealt> => {
    if (method !== "GET") return "pass";
    response.writeHead(200, { "content-length": file.length });
    response.write(file.subarray(0, 300));
    await waitFor(
      "the download to begin",
      async () => (await temporaryFiles(fresh.directory)).length > 0,
    );
    await expectPrivate(fresh.directory);
    left = await snapshot(fresh);
    response.destroy();
    return "answered";
  };
  expect(await codeOf(apply())).toBe("storageUnavailable");
  expect(await temporaryFiles(fresh.directory)).toHaveLength(1);
  await fresh.carryover.cancelRemoteMessageHistoryBackup(request.requestId);
  expect(await temporaryFiles(fresh.directory)).toEqual([]);
  expect(await historyOf(fresh.client)).toEqual(historyBefore);

  // A crash at that point, with the records of the request lost: nothing keeps the file.
  expect(await temporaryFiles(left)).toHaveLength(1);
  await rm(join(left, fresh.client.installationId, "state"), {
    recursive: true,
  });
  const { encryptionKey } = fresh;
  const restarted = await createCarryover(fresh.client, {
    directory: left,
    encryptionKey,
  });
  expect(await temporaryFiles(left)).toEqual([]);
  await restarted.close();
});
