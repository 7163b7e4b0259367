import { parseRequestId } from "@carryover/protocol";
import { newInstallation } from "@carryover/testkit";
import {
  Decrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { cutPlainForm, withPlainForm } from "../hostile/backup-bytes.js";
import {
  findRequest,
  nowNs,
  sameGroup,
} from "../hostile/hostile-installation.js";
import type { Dishonesty } from "../hostile/hostile-provider.js";
import {
  type HostileStorage,
  startHostileStorage,
} from "../hostile/hostile-storage.js";
import {
  type Actors,
  createActors,
  createAskingScene,
} from "./support/asking-scene.js";
import {
  codeOf,
  historyOf,
  ignoredReasons,
  takeRecord,
} from "./support/evidence.js";
import {
  createStage,
  only,
  requestOptions,
  type Stage,
  startListening,
} from "./support/stage.js";

let stage: Stage;
let elsewhere: HostileStorage;
/** For answers that are refused. */
let actors: Actors;
beforeAll(async () => {
  stage = await createStage();
  elsewhere = await startHostileStorage();
  stage.network.onClose(() => elsewhere.close());
  actors = await createActors(stage);
});
afterEach(() => {
  stage.hostile.mischief = () => "pass";
  expect(elsewhere.connections()).toBe(0);
});
afterAll(() => stage.close());

test("an answer written by hand that breaks no rule is applied: the attacks below fail for what they change", async () => {
  const { answer, status, apply, asked, fresh, temporaryFiles } =
    await createAskingScene(stage);
  await answer();
  expect((await status()).step).toBe("responseReceived");
  const report = await apply();
  expect(report.suppliedBy).toBe(asked.installationId);
  expect(report.totals).toMatchObject({
    conversations: 2,
    sent: 4,
    imported: 4,
  });
  expect(await historyOf(fresh.client)).toHaveLength(2);
  expect(await temporaryFiles()).toEqual([]);
});

const hourNs = 3_600_000_000_000n;

test.each<[string, Dishonesty, string]>([
  [
    "with a file at another origin",
    { response: () => ({ backupUrl: `${elsewhere.url}/backups/0` }) },
    "backupUrlOriginMismatch",
  ],
  [
    "with a file in private address space",
    { response: () => ({ backupUrl: "https://10.0.0.1/backups/0" }) },
    "backupUrlOriginMismatch",
  ],
  [
    "with a file that has expired",
    { response: () => ({ expirationTimeNs: nowNs() - hourNs }) },
    "responseExpired",
  ],
  [
    "to another request, in an envelope to this one",
    { response: () => ({ requestId: parseRequestId("another-request-0001") }) },
    "responseNotForThisRequest",
  ],
  [
    "sealed to somebody else's key",
    { sealTo: await identityToRecipient(await generateX25519Identity()) },
    "responseNotForThisRequest",
  ],
  [
    "with a file larger than the app allows",
    { response: () => ({ backupFileSizeBytes: 17 * 1024 ** 3 }) },
    "backupTooLarge",
  ],
])(
  "security rule 7: a response %s is ignored; nothing is fetched and nothing written",
  async (_name, dishonesty, reason) => {
    const { answer, status, apply, ignored, fresh, historyBefore } =
      await createAskingScene(stage, { actors });
    const before = takeRecord(stage);
    await answer(dishonesty);
    expect(await status()).toMatchObject({
      status: "Pending",
      step: "awaitingResponse",
    });
    expect(ignored()).toEqual([reason]);
    expect(await codeOf(apply())).toBe("responseNotFound");
    expect(takeRecord(stage)).toEqual(before);
    expect(await historyOf(fresh.client)).toEqual(historyBefore);
  },
);

test.each(["group", "dm"] as const)(
  "security rule 7: a response of a foreign inbox, in a %s with it, is ignored",
  async (kind) => {
    const { answer, status, fresh, historyBefore } =
      await createAskingScene(stage);
    const before = takeRecord(stage);
    await startListening(stage, fresh);
    await answer({
      signer: stage.bo,
      conversation: async () =>
        kind === "group"
          ? await stage.bo.conversations.createGroup([fresh.client.inboxId])
          : await stage.bo.conversations.createDm(fresh.client.inboxId),
    });
    expect((await status()).step).toBe("awaitingResponse");
    expect(takeRecord(stage).downloads).toBe(before.downloads);
    const theirs = (await historyOf(fresh.client)) as unknown[];
    expect(theirs.length - (historyBefore as unknown[]).length).toBe(1);
  },
);

test("security rule 7: a response that a foreign inbox has signed is ignored, though an own installation sends it into the channel", async () => {
  const { answer, status, asked, fresh, historyBefore } =
    await createAskingScene(stage);
  await answer({ signer: stage.bo });
  expect((await status()).step).toBe("awaitingResponse");
  expect(ignoredReasons(fresh.events)).toEqual(["badSignature"]);
  expect(await historyOf(fresh.client)).toEqual(historyBefore);
  expect(asked.inboxId).toBe(fresh.client.inboxId);
});

test("security rule 7: a response of another own installation than the one that was asked is ignored", async () => {
  const { alix, answer, status, fresh, historyBefore } =
    await createAskingScene(stage);
  const third = await newInstallation(alix);
  await fresh.client.conversations.syncAll([0, 1, 2]);
  await answer({
    signer: third,
    conversation: async ({ channel }) => {
      await channel.addMembers([]);
      return await sameGroup(third, channel);
    },
  });
  expect((await status()).step).toBe("awaitingResponse");
  expect(ignoredReasons(fresh.events)).toEqual(["notTheInstallationAsked"]);
  expect(await historyOf(fresh.client)).toEqual(historyBefore);
});

test("security rule 7: a response of an installation that was revoked meanwhile is ignored", async () => {
  const { answer, status, asked, fresh, historyBefore } =
    await createAskingScene(stage);
  await answer();
  await fresh.client.revokeInstallations([
    Buffer.from(asked.installationId, "hex"),
  ]);
  expect((await status()).step).toBe("awaitingResponse");
  expect(ignoredReasons(fresh.events)).toEqual(["senderNotInInbox"]);
  expect(await historyOf(fresh.client)).toEqual(historyBefore);
});

test("security rule 7: a response to a request that has expired is ignored", async () => {
  let shiftNs = 0n;
  const { answer, status, fresh, historyBefore } = await createAskingScene(
    stage,
    {
      wrapPorts: (ports) => ({
        ...ports,
        clock: { ...ports.clock, nowNs: () => ports.clock.nowNs() + shiftNs },
      }),
    },
  );
  await answer();
  shiftNs = 25n * hourNs;
  expect(await status()).toMatchObject({ status: "Expired" });
  expect(ignoredReasons(fresh.events)).toEqual(["requestExpired"]);
  expect(await historyOf(fresh.client)).toEqual(historyBefore);
});

const flipped = (at: number) => (file: Uint8Array) =>
  file.map((byte, index) => (index === at ? byte ^ 1 : byte));

test.each<[string, Dishonesty, string]>([
  [
    "with one flipped byte at its start",
    { corruptStored: flipped(30) },
    "hashMismatch",
  ],
  [
    "with one flipped byte in its middle",
    { corruptStored: (file) => flipped(Math.floor(file.length / 2))(file) },
    "hashMismatch",
  ],
  [
    "with its last byte flipped",
    { corruptStored: (file) => flipped(file.length - 1)(file) },
    "hashMismatch",
  ],
  [
    "that was cut by the storage service",
    { corruptStored: (file) => file.subarray(0, file.length - 100) },
    "sizeMismatch",
  ],
  [
    "with bytes behind its end",
    { corruptStored: (file) => Uint8Array.from([...file, 0]) },
    "sizeMismatch",
  ],
  [
    "whose hash is that of the cut file",
    { tamper: async (file) => file.subarray(0, file.length - 20) },
    "backupFileInvalid",
  ],
  [
    "that was cut at a record before it was encrypted",
    {
      tamper: (file, identity) =>
        withPlainForm(file, identity, (plain) =>
          cutPlainForm(plain, 6, "atRecord"),
        ),
    },
    "backupFileInvalid",
  ],
  [
    "that was cut inside a record before it was encrypted",
    {
      tamper: (file, identity) =>
        withPlainForm(file, identity, (plain) =>
          cutPlainForm(plain, 6, "insideRecord"),
        ),
    },
    "backupFileInvalid",
  ],
  [
    "from which a record was taken out before it was encrypted",
    {
      tamper: (file, identity) =>
        withPlainForm(file, identity, (plain) => {
          const before = cutPlainForm(plain, 6, "atRecord");
          const after = plain.subarray(
            cutPlainForm(plain, 7, "atRecord").length,
          );
          return Uint8Array.from([...before, ...after]);
        }),
    },
    "backupFileInvalid",
  ],
  [
    "with another number of messages than announced",
    { response: () => ({ messageCount: 5 }) },
    "backupFileInvalid",
  ],
  ["of another inbox", { inboxId: "0b".repeat(32) }, "backupOfAnotherInbox"],
])(
  "security rule 7: of a file %s not one row is written",
  async (_name, dishonesty, code) => {
    const { answer, status, apply, fresh, historyBefore, temporaryFiles } =
      await createAskingScene(stage, { actors });
    await answer(dishonesty);
    expect((await status()).step).toBe("responseReceived");
    expect(await codeOf(apply())).toBe(code);
    expect(await historyOf(fresh.client)).toEqual(historyBefore);
    expect(await status()).toMatchObject({
      status: "Failed",
      failure: { code },
    });
    expect(await temporaryFiles()).toEqual([]);
    expect(await codeOf(apply())).toBe(code);
  },
);

test("security rule 7: a download follows no redirect, not even to its own origin", async () => {
  for (const target of [() => elsewhere.url, () => stage.hostile.url]) {
    const { answer, status, apply, fresh, historyBefore, temporaryFiles } =
      await createAskingScene(stage, { actors });
    await answer();
    await status();
    stage.hostile.mischief = (_request, response) => {
      response.writeHead(302, { location: `${target()}/stolen` }).end();
      return "answered";
    };
    expect(await codeOf(apply())).toBe("redirectRefused");
    stage.hostile.mischief = () => "pass";
    expect(stage.hostile.requests.some(({ path }) => path === "/stolen")).toBe(
      false,
    );
    expect(await historyOf(fresh.client)).toEqual(historyBefore);
    expect(await temporaryFiles()).toEqual([]);
  }
});

test("security rule 7: a service that sends on and on is cut off at the announced size", async () => {
  const { answer, status, apply, fresh, historyBefore, temporaryFiles } =
    await createAskingScene(stage, { actors });
  const { file } = await answer();
  await status();
  let sentBytes = 0;
  stage.hostile.mischief = (_request, response) => {
    response.writeHead(200);
    const more = () => {
      for (;;) {
        sentBytes += 65_536;
        if (!response.write(Buffer.alloc(65_536))) break;
      }
      if (!response.destroyed) response.once("drain", more);
    };
    more();
    return "answered";
  };
  expect(await codeOf(apply())).toBe("sizeMismatch");
  expect(sentBytes).toBeLessThan(64 * 1024 * 1024);
  expect(file.length).toBeLessThan(65_536);
  expect(await historyOf(fresh.client)).toEqual(historyBefore);
  expect(await temporaryFiles()).toEqual([]);
});

test("security rule 7: a third own installation sees that there was an answer, and can open nothing of it", async () => {
  const alix = stage.person();
  const old = await stage.device(alix);
  const group = await old.client.conversations.createGroup([stage.bo.inboxId]);
  await group.sendText("hello");
  const third = await stage.device(alix);
  const fresh = await stage.device(alix);
  const requests = await fresh.carryover.requestRemoteMessageHistoryBackup(
    requestOptions(stage.hostile),
  );
  const toThird = requests.find(
    ({ recipientInstallationId }) =>
      recipientInstallationId === third.client.installationId,
  );
  if (toThird === undefined) throw new Error("the third was not asked");
  const { channel } = await findRequest(third.client, toThird.requestId);
  const toOld = only((await old.carryover.sync()).inboundRequests);
  await old.carryover.respondToBackupRequest(toOld.requestId, "approve");
  const seen = await sameGroup(third.client, channel);
  const contents = (await seen.messages()).flatMap(({ content }) =>
    content instanceof Uint8Array ? [content] : [],
  );
  const response = contents.at(-1);
  if (response === undefined) throw new Error("no response");
  const text = Buffer.from(response).toString("latin1");
  expect(text).toContain(toOld.requestId);
  for (const [path] of stage.hostile.files) expect(text).not.toContain(path);
  expect(text).not.toContain("AGE-SECRET-KEY");
  const sealed = response.subarray(text.indexOf("age-encryption.org/v1"));
  const decrypter = new Decrypter();
  decrypter.addIdentity(await generateHybridIdentity());
  await expect(decrypter.decrypt(sealed)).rejects.toThrow();
  await third.carryover.sync();
  expect(ignoredReasons(third.events)).toContain("unknownRequest");
  expect((await third.carryover.sync()).ready).toEqual([]);
});
