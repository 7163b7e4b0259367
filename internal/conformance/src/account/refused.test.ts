import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createPerson } from "@carryover/testkit";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import {
  accountFileAt,
  type AccountFilePlace,
  revokeBackupAccountFile,
} from "@carryover/xmtp-node";
import type { Device } from "../main-job/support/world.js";
import {
  codeOf,
  createScene,
  leftIn,
  losePhone,
  type Scene,
  secret,
  textsOf,
  workOptions,
  writesTo,
} from "./support/lost-phone.js";
import { bytesOf, fileOf, rewriteFile } from "./support/rewrite-file.js";

let scene: Scene;
let fresh: Device;
let bytes: Buffer;
beforeAll(async () => {
  scene = await createScene();
  await losePhone(scene);
  fresh = await scene.world.device(scene.alix);
  bytes = await readFile(scene.path);
});
afterAll(() => scene.world.close());
beforeEach(() => scene.world.testNetwork.network.calls.clear());

/** Tries to restore, and looks for anything that it may have changed. */
async function refusal(
  file: AccountFilePlace,
  device = fresh,
  with_ = secret as Parameters<
    Device["carryover"]["importFromBackupAccountFile"]
  >[0]["secret"],
): Promise<string> {
  const code = await codeOf(
    device.carryover.importFromBackupAccountFile({ file, secret: with_ }),
  );
  expect(writesTo(scene.world)).toEqual([]);
  expect(bytes.equals(await readFile(scene.path))).toBe(true);
  expect(await textsOf(device.client)).toEqual({});
  const own = join(device.directory, device.client.installationId);
  expect(await leftIn(join(own, "dormant"))).toEqual([]);
  expect(await leftIn(join(own, "scratch"))).toEqual([]);
  return code;
}

test("a wrong passphrase", async () => {
  expect(
    await refusal(scene.file, fresh, {
      kind: "passphrase",
      passphrase: "correct horse battery stable",
    }),
  ).toBe("wrongPassphrase");
});

test("a file of another account", async () => {
  const stranger = await scene.world.device(
    createPerson(scene.world.testNetwork),
  );
  scene.world.testNetwork.network.calls.clear();
  expect(await refusal(scene.file, stranger)).toBe(
    "accountFileOfAnotherAccount",
  );
});

test("a file of another environment", async () => {
  const file = await rewriteFile(scene.path, {
    header: { environment: "production" },
  });
  expect(await refusal(file)).toBe("accountFileOfAnotherEnvironment");
  // Before the network was asked anything: what is said there of another network means nothing.
  expect(
    scene.world.testNetwork.network.calls
      .list()
      // Every installation renews its own now and then.
      .filter(({ method }) => method !== "UploadKeyPackage"),
  ).toEqual([]);
});

test("a file by a newer library", async () => {
  const producer = { name: "Test", version: "1", libxmtpVersion: "99.0.0" };
  expect(
    await refusal(await rewriteFile(scene.path, { header: { producer } })),
  ).toBe("accountFileFromNewerLibrary");
});

/** Damages the pages behind the first one. */
const damage = (database: Uint8Array) =>
  void database.fill(0x41, 8_192, 40_000);

test("a file whose database the library refuses, by an older one and by this one", async () => {
  const producer = { name: "Test", version: "1", libxmtpVersion: "1.0.0" };
  expect(
    await refusal(
      await rewriteFile(scene.path, { header: { producer }, database: damage }),
    ),
  ).toBe("accountFileFromOlderLibrary");
  expect(
    await refusal(await rewriteFile(scene.path, { database: damage })),
  ).toBe("accountFileDatabaseRefused");
});

test("a file whose header names another installation than is in it", async () => {
  const { installationId } = fresh.client;
  expect(
    await refusal(
      await rewriteFile(scene.path, { header: { installationId } }),
    ),
  ).toBe("accountFileDatabaseRefused");
});

test("no file at the place", async () => {
  const file = accountFileAt(`${scene.path}-elsewhere`);
  expect(await refusal(file)).toBe("accountFileNotFound");
});

test("a file that is cut or changed anywhere, in bounded time", async () => {
  // Opened with a key, so that no time goes into passphrases.
  const identity = await generateX25519Identity();
  const recipients = [await identityToRecipient(identity)];
  const keyed = Buffer.from(
    await bytesOf(
      await (
        await rewriteFile(scene.path, {
          protection: { kind: "recipients", recipients },
        })
      ).open(),
    ),
  );
  const key = { kind: "identities", identities: [identity] } as const;
  const seen = new Set<string>();
  const step = Math.ceil(keyed.length / 24);
  for (let at = 0; at < keyed.length; at += step) {
    seen.add(await refusal(fileOf(keyed.subarray(0, at)), fresh, key));
    const changed = Buffer.from(keyed);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    seen.add(await refusal(fileOf(changed), fresh, key));
  }
  expect([...seen].sort()).toEqual(["altered", "notAccountFile", "truncated"]);
});

test("a revoked file: nobody but the wallet revokes it, once, and it is useless from then on", async () => {
  const { alix, file, created, world } = scene;
  const work = await workOptions(world);
  const stranger = createPerson(world.testNetwork);
  expect(
    await codeOf(
      revokeBackupAccountFile({
        signer: stranger.signer,
        file,
        secret,
        ...work,
      }),
    ),
  ).toBe("walletOfAnotherAccount");
  const unwilling = {
    ...alix.signer,
    signMessage: async () => {
      throw new Error("user rejected");
    },
  };
  expect(
    await codeOf(
      revokeBackupAccountFile({ signer: unwilling, file, secret, ...work }),
    ),
  ).toBe("walletRefused");
  const { signer } = alix;
  expect(
    await revokeBackupAccountFile({ signer, file, secret, ...work }),
  ).toMatchObject({
    installationId: created.summary.installationId,
    outcome: "revoked",
    budget: { installations: { used: 2 }, identityUpdates: { used: 4 } },
  });
  expect(
    await revokeBackupAccountFile({ signer, ...created.summary, ...work }),
  ).toMatchObject({ outcome: "alreadyRevoked" });
  world.testNetwork.network.calls.clear();
  expect(await refusal(file)).toBe("accountFileRevoked");
  expect(await leftIn(work.directory)).toEqual([]);
});
