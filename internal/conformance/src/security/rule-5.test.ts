import { newInstallation } from "@carryover/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  findRequest,
  makeMarkedGroup,
  pin,
  requestFor,
  sendSigned,
} from "../hostile/hostile-installation.js";
import {
  codeOf,
  historyOf,
  ignoredReasons,
  takeRecord,
} from "./support/evidence.js";
import { secretText } from "./support/scene.js";
import {
  createStage,
  only,
  requestOptions,
  type Stage,
} from "./support/stage.js";

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

/** Alix asks from a new installation, and a stolen one of hers reads it and copies what a person would compare. */
async function withThief(pinMode: "show" | "enter" = "show") {
  const alix = stage.person();
  const old = await stage.device(alix, { pinMode });
  const group = await old.client.conversations.createGroup([stage.bo.inboxId]);
  await group.sendText(secretText);
  const thief = await newInstallation(alix);
  const fresh = await stage.device(alix);
  const requests = await fresh.carryover.requestRemoteMessageHistoryBackup(
    requestOptions(stage.storage),
  );
  const honest = requests.find(
    ({ recipientInstallationId }) =>
      recipientInstallationId === old.client.installationId,
  );
  if (honest === undefined)
    throw new Error("the old installation was not asked");
  return {
    alix,
    old,
    thief,
    fresh,
    honest,
    before: takeRecord(stage),
    historyBefore: await historyOf(old.client),
  };
}

test.each(["show", "enter"] as const)(
  "security rule 5: a cloned PIN is shown as a conflict, and neither request can be approved (%s mode)",
  async (pinMode) => {
    const { old, thief, honest, before, historyBefore } =
      await withThief(pinMode);
    // The thief sees the PIN: the channel is for all own installations.
    const { request: seen } = await findRequest(thief, honest.requestId);
    expect(seen.verificationPin).toBe(honest.verificationPin);
    const clone = await requestFor(old.client, stage.storage.url, {
      verificationPin: seen.verificationPin,
      appName: seen.appName,
    });
    await sendSigned(thief, await makeMarkedGroup(thief), {
      kind: "request",
      request: clone,
    });
    const { inboundRequests } = await old.carryover.sync();
    expect(inboundRequests.map(({ pinState }) => pinState)).toEqual([
      "conflict",
      "conflict",
    ]);
    for (const requestId of [honest.requestId, clone.requestId])
      for (const options of [{}, { pin: honest.verificationPin }])
        expect(
          await codeOf(
            old.carryover.respondToBackupRequest(requestId, "approve", options),
          ),
        ).toBe("pinConflict");
    // Nor does the clone become good by the honest one's going.
    await old.carryover.respondToBackupRequest(honest.requestId, "decline");
    expect(
      await codeOf(
        old.carryover.respondToBackupRequest(clone.requestId, "approve", {
          pin: honest.verificationPin,
        }),
      ),
    ).toBe("pinConflict");
    expect(takeRecord(stage)).toEqual(before);
    expect(await historyOf(old.client)).toEqual(historyBefore);
  },
);

test("security rule 5: a clone that also copies the request's id does not take its place, whichever is read first", async () => {
  const { old, thief, honest, before } = await withThief();
  const { request: seen } = await findRequest(thief, honest.requestId);
  const clone = await requestFor(old.client, stage.storage.url, {
    requestId: honest.requestId,
    verificationPin: seen.verificationPin,
    appName: seen.appName,
  });
  // A newer channel is listed first.
  await sendSigned(thief, await makeMarkedGroup(thief), {
    kind: "request",
    request: clone,
  });
  const shown = only((await old.carryover.sync()).inboundRequests);
  expect(shown.pinState).toBe("conflict");
  expect(ignoredReasons(old.events)).toContain("requestReplayed");
  expect(
    await codeOf(
      old.carryover.respondToBackupRequest(honest.requestId, "approve"),
    ),
  ).toBe("pinConflict");
  expect(takeRecord(stage)).toEqual(before);
});

test("security rule 5: a clone that arrives while a person looks at the honest request is found before the yes counts", async () => {
  const { old, thief, honest, before } = await withThief();
  expect(only((await old.carryover.sync()).inboundRequests).pinState).toBe(
    "unique",
  );
  const clone = await requestFor(old.client, stage.storage.url, {
    verificationPin: honest.verificationPin,
  });
  await sendSigned(thief, await makeMarkedGroup(thief), {
    kind: "request",
    request: clone,
  });
  expect(
    await codeOf(
      old.carryover.respondToBackupRequest(honest.requestId, "approve"),
    ),
  ).toBe("pinConflict");
  expect(takeRecord(stage)).toEqual(before);
});

test("security rule 5: a thief cannot keep the honest request out by a flood of its own", async () => {
  const alix = stage.person();
  const old = await stage.device(alix);
  const thief = await newInstallation(alix);
  const channel = await makeMarkedGroup(thief);
  for (let n = 0; n < 12; n += 1)
    await sendSigned(thief, channel, {
      kind: "request",
      request: await requestFor(old.client, stage.storage.url, {
        verificationPin: pin(`90${10 + n}`),
      }),
    });
  const fresh = await stage.device(alix);
  await old.carryover.sync();
  await fresh.carryover.requestRemoteMessageHistoryBackup(
    requestOptions(stage.storage),
  );
  const { inboundRequests } = await old.carryover.sync();
  expect(
    inboundRequests.filter(
      ({ installationId }) => installationId === thief.installationId,
    ),
  ).toHaveLength(8);
  expect(
    inboundRequests.filter(
      ({ installationId }) => installationId === fresh.client.installationId,
    ),
  ).toHaveLength(1);
});

test("security rule 5: two requests with two PINs are no conflict, and each can be approved", async () => {
  const { old, thief, honest } = await withThief();
  const other = await requestFor(old.client, stage.storage.url, {
    verificationPin: pin(honest.verificationPin === "1111" ? "2222" : "1111"),
  });
  await sendSigned(thief, await makeMarkedGroup(thief), {
    kind: "request",
    request: other,
  });
  const { inboundRequests } = await old.carryover.sync();
  expect(inboundRequests.map(({ pinState }) => pinState)).toEqual([
    "unique",
    "unique",
  ]);
  expect(
    (await old.carryover.respondToBackupRequest(honest.requestId, "approve"))
      .outcome,
  ).toBe("responded");
});
