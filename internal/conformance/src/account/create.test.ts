import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createPerson,
  newInstallation,
  type Person,
  type TestClient,
} from "@carryover/testkit";
import {
  accountFileAt,
  type AccountFilePlace,
  AccountFileError,
  CarryoverError,
  inspectBackupAccountFile,
  type ProtectionChoice,
  refreshBackupAccountFile,
  revokeBackupAccountFile,
} from "@carryover/xmtp-node";
import {
  createWorld,
  type Device,
  type World,
} from "../main-job/support/world.js";
import {
  codeOf,
  leftIn,
  newFilePath,
  protection,
  textsOf,
  workOptions,
} from "./support/lost-phone.js";

let world: World;
let bo: TestClient;
beforeAll(async () => {
  world = await createWorld();
  bo = await world.someone();
});
afterAll(() => world.close());

async function newPhone(): Promise<{ alix: Person; phone: Device }> {
  const alix = createPerson(world.testNetwork);
  return { alix, phone: await world.device(alix) };
}

const identityUpdates = async ({ carryover }: Device) =>
  (await carryover.fetchAccountBudget()).identityUpdates.used;

test("what can be wrong is found before anything is registered", async () => {
  const { alix, phone } = await newPhone();
  const path = await newFilePath(world);
  const file = accountFileAt(path);
  const create = (changes: {
    protection?: ProtectionChoice;
    signer?: Person["signer"];
  }) =>
    codeOf(
      phone.carryover.createBackupAccountFile({
        file,
        signer: alix.signer,
        protection,
        ...changes,
      }),
    );
  expect(
    await create({ protection: { kind: "passphrase", passphrase: "short" } }),
  ).toBe("passphraseInvalid");
  expect(
    await create({ protection: { kind: "recipients", recipients: ["age1x"] } }),
  ).toBe("recipientInvalid");
  let signatures = 0;
  const undecided: Person["signer"] = {
    ...alix.signer,
    type: "EOA",
    signMessage: (message) => {
      signatures += 1;
      return alix.signer.signMessage(message + "!".repeat(signatures));
    },
  };
  expect(
    await create({ protection: { kind: "wallet", signer: undecided } }),
  ).toBe("walletSignatureMismatch");
  const stranger = createPerson(world.testNetwork);
  expect(await create({ signer: stranger.signer })).toBe(
    "walletOfAnotherAccount",
  );
  const unwilling: Person["signer"] = {
    ...alix.signer,
    signMessage: async () => {
      throw new Error("user rejected");
    },
  };
  expect(await create({ signer: unwilling })).toBe("walletRefused");
  await writeFile(path, "something else");
  expect(await create({})).toBe("accountFileExists");
  expect(await readFile(path, "utf8")).toBe("something else");

  expect(await identityUpdates(phone)).toBe(1);
  expect(await phone.carryover.fetchUnfinishedBackupAccountFiles()).toEqual([]);
  const own = join(phone.directory, phone.client.installationId);
  expect(await leftIn(join(own, "dormant"))).toEqual([]);
});

test("near the end of the account's installations no file is made", async () => {
  const { alix, phone } = await newPhone();
  for (let number = 2; number <= 7; number += 1) await newInstallation(alix);
  expect(await phone.carryover.fetchAccountBudget()).toEqual({
    installations: { used: 7, limit: 10, left: 3 },
    identityUpdates: { used: 7, limit: 256, left: 249 },
    anotherFile: "possible",
  });
  const create = async () =>
    phone.carryover.createBackupAccountFile({
      file: accountFileAt(await newFilePath(world)),
      signer: alix.signer,
      protection,
    });
  // Two are left after it: enough for a new phone and one more.
  expect((await create()).budget).toMatchObject({
    installations: { left: 2 },
    anotherFile: "low",
  });
  expect(await codeOf(create())).toBe("accountBudgetLow");
  expect(await identityUpdates(phone)).toBe(8);
});

test("a file that cannot be written says which installation is registered for nothing; revoked, it is forgotten", async () => {
  const { alix, phone } = await newPhone();
  const path = await newFilePath(world);
  const nowhere = accountFileAt(join(path, "in", "no", "directory"));
  const create = (file: AccountFilePlace) =>
    phone.carryover.createBackupAccountFile({
      file,
      signer: alix.signer,
      protection,
    });
  // Where that can be told before, nothing is registered.
  expect(await codeOf(create(nowhere))).toBe("diskError");
  expect(await phone.carryover.fetchAccountBudget()).toMatchObject({
    installations: { used: 1 },
  });
  const place = accountFileAt(path);
  const error: unknown = await create({
    ...place,
    write: (file, options) => nowhere.write(file, options),
  }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof CarryoverError)) throw new Error("not refused");
  expect(error.code).toBe("accountFileFailed");
  const { installationId = "" } = error;
  expect(installationId).toMatch(/^[0-9a-f]{64}$/);
  const { inboxId } = phone.client;
  expect(
    await phone.carryover.fetchUnfinishedBackupAccountFiles(),
  ).toMatchObject([{ installationId }]);
  expect(
    await revokeBackupAccountFile({
      signer: alix.signer,
      inboxId,
      installationId,
      ...(await workOptions(world)),
    }),
  ).toMatchObject({ outcome: "revoked" });
  expect(await phone.carryover.fetchUnfinishedBackupAccountFiles()).toEqual([]);
  const own = join(phone.directory, phone.client.installationId);
  expect(await leftIn(join(own, "dormant"))).toEqual([]);
  expect(await leftIn(join(own, "scratch"))).toEqual([]);
});

test("protected by the wallet or by an age key, a file is made, restored and refreshed as well", async () => {
  const { alix, phone } = await newPhone();
  const group = await phone.client.conversations.createGroup([bo.inboxId]);
  await group.sendText("hello");
  const wallet = { kind: "wallet", signer: alix.signer } as const;
  const identity = await generateX25519Identity();
  const recipients = [await identityToRecipient(identity)];
  const key = { kind: "identities", identities: [identity] } as const;
  const path = await newFilePath(world);
  const file = accountFileAt(path);
  await phone.carryover.createBackupAccountFile({
    file,
    signer: alix.signer,
    protection: wallet,
  });
  expect(await inspectBackupAccountFile({ file })).toMatchObject({
    protection: { kind: "walletSignature" },
  });
  const fresh = await world.device(alix);
  await fresh.carryover.importFromBackupAccountFile({ file, secret: wallet });
  expect(await textsOf(fresh.client)).toEqual({ [group.id]: ["hello"] });

  const stranger = createPerson(world.testNetwork);
  expect(
    await codeOf(
      fresh.carryover.importFromBackupAccountFile({
        file,
        secret: { kind: "wallet", signer: stranger.signer },
      }),
    ),
  ).toBe("wrongWallet");

  // The same file under a key of the app's own: a key does not say how the next one is to be protected.
  const work = await workOptions(world);
  await refreshBackupAccountFile({
    file,
    secret: wallet,
    protection: { kind: "recipients", recipients },
    ...work,
  });
  const copy = await newFilePath(world);
  await copyFile(path, copy);
  expect(
    await codeOf(
      refreshBackupAccountFile({
        file: accountFileAt(copy),
        secret: key,
        ...work,
      }),
    ),
  ).toBe("protectionRequired");
  const { contents } = await inspectBackupAccountFile({ file, secret: key });
  expect(contents?.summary.sequence).toBe(2);
  await expect(
    inspectBackupAccountFile({ file, secret: wallet }),
  ).rejects.toBeInstanceOf(AccountFileError);
});
