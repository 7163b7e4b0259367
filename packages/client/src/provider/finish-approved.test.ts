import { expect, test } from "vitest";
import { CarryoverError } from "../errors.js";
import type { StoredBackup } from "../ports/storage-provider-client.js";
import {
  createContext,
  createPorts,
  deliver,
  type MemoryPorts,
  requestId,
  requestPayload,
  startEngine,
  testPolicy,
} from "../testing/engine-fixture.js";
import {
  channelId,
  inboxId,
  other,
  strangerInboxId,
} from "../testing/installations.js";
import { hourNs, startNs } from "../testing/memory-network.js";
import { storageOrigin } from "../testing/memory-storage.js";
import { whyRefuse } from "./confirm-sender.js";
import { requireInbound } from "./inbound-records.js";

/** An engine where one request waits, and its approval. */
async function withRequest() {
  const ports = createPorts();
  const { engine, events } = await startEngine(ports);
  deliver(ports, requestPayload());
  await engine.sync();
  const approve = () => engine.respondToBackupRequest(requestId, "approve");
  return { ports, engine, events, approve };
}

const revoke = ({ network }: MemoryPorts) => {
  network.installations = network.installations.filter(
    ({ installationId }) => installationId !== other.installationId,
  );
};

const letSomebodyIn = ({ channels }: MemoryPorts) => {
  const channel = channels.conversations.get(channelId);
  if (channel !== undefined)
    channel.memberInboxIdsOnNetwork = [inboxId, strangerInboxId];
};

const responses = ({ channels }: MemoryPorts) =>
  channels.sent.filter(({ message }) =>
    message.idempotencyKey.startsWith("response-"),
  );

test.each([
  ["an installation revoked after its request", revoke, "installationRevoked"],
  ["a channel that somebody was let into", letSomebodyIn, "channelNotPrivate"],
] as const)("security rule 2: %s gets no byte", async (_name, change, code) => {
  const { ports, approve, events } = await withRequest();
  change(ports);
  await expect(approve()).rejects.toMatchObject({ code });
  expect(ports.storageProvider.calls).toEqual([]);
  expect(ports.history.exportCount).toBe(0);
  expect(ports.history.madeLive).toEqual([]);
  expect(responses(ports)).toEqual([]);
  expect(events.at(-1)).toMatchObject({ reason: "refused" });
});

test("an installation that announced itself as a backup while a person was thinking gets no byte", async () => {
  const { ports, engine, approve } = await withRequest();
  deliver(ports, {
    kind: "contactBundle",
    contactRole: "backup",
    createdAtNs: startNs,
  });
  await engine.sync();
  await expect(approve()).rejects.toMatchObject({ code: "requesterIsBackup" });
  expect(ports.storageProvider.calls).toEqual([]);
  expect(responses(ports)).toEqual([]);
});

test.each([
  ["an installation revoked during the upload", revoke, "installationRevoked"],
  [
    "a channel that somebody is let into during the upload",
    letSomebodyIn,
    "channelNotPrivate",
  ],
] as const)(
  "security rule 2: %s gets no response, and the file's key is gone",
  async (_name, change, code) => {
    const { ports, approve, engine } = await withRequest();
    ports.storageProvider.onUpload = () => change(ports);
    await expect(approve()).rejects.toMatchObject({ code });
    expect(ports.storageProvider.calls).toEqual(["upload"]);
    await engine.sync();
    expect(responses(ports)).toEqual([]);
    const saved = new TextDecoder().decode(ports.stateStore.record);
    expect(saved).not.toContain("AGE-SECRET-KEY");
    expect(saved).not.toContain("ticket=");
  },
);

test.each(["refresh", "fetchInboxState"])(
  "security rule 2: while %s gives no answer nothing is uploaded; later the work goes on",
  async (name) => {
    const { ports, approve, engine } = await withRequest();
    ports.network.isDown = (call) => call === name;
    await expect(approve()).rejects.toMatchObject({
      code: "networkUnavailable",
    });
    expect((await engine.sync()).problems).toMatchObject([
      { code: "networkUnavailable" },
    ]);
    expect(ports.storageProvider.calls).toEqual([]);
    expect(ports.history.exportCount).toBe(0);
    ports.network.isDown = () => false;
    await engine.sync();
    expect(responses(ports)).toHaveLength(1);
  },
);

test("security rule 2: when the network goes away during the upload the response waits", async () => {
  const { ports, approve, engine } = await withRequest();
  ports.storageProvider.onUpload = () => {
    ports.network.isDown = (call) => call === "fetchInboxState";
  };
  await expect(approve()).rejects.toMatchObject({ code: "networkUnavailable" });
  expect(responses(ports)).toEqual([]);
  revoke(ports);
  ports.network.isDown = () => false;
  expect((await engine.sync()).problems).toMatchObject([
    { code: "installationRevoked" },
  ]);
  expect(responses(ports)).toEqual([]);
});

test.each([
  ["the installation was revoked", revoke, testPolicy, "installationRevoked"],
  ["somebody was let in", letSomebodyIn, testPolicy, "channelNotPrivate"],
  [
    "the app no longer allows the storage service",
    () => undefined,
    { allowedStorageOrigins: [] },
    "storageOriginNotAllowed",
  ],
] as const)(
  "security rules 2 and 6: an interrupted upload is not taken up when %s meanwhile",
  async (_name, change, policy, code) => {
    const { ports, approve, engine } = await withRequest();
    ports.storageProvider.onUpload = () => {
      throw new CarryoverError("storageUnavailable", "no storage");
    };
    await expect(approve()).rejects.toMatchObject({
      code: "storageUnavailable",
    });
    await engine.close();
    change(ports);
    ports.storageProvider.calls.length = 0;
    const restarted = await startEngine(ports, policy);
    expect((await restarted.engine.sync()).problems).toMatchObject([{ code }]);
    expect(ports.storageProvider.calls).toEqual([]);
    expect(ports.history.exportCount).toBe(1);
  },
);

test("an interrupted upload is taken up by the next sync, with a new key", async () => {
  const { ports, approve, engine } = await withRequest();
  let tries = 0;
  ports.storageProvider.onUpload = () => {
    tries += 1;
    if (tries === 1)
      throw new CarryoverError("storageUnavailable", "no storage");
  };
  await expect(approve()).rejects.toMatchObject({ code: "storageUnavailable" });
  expect((await engine.sync()).problems).toEqual([]);
  expect(responses(ports)).toHaveLength(1);
});

test("security rule 4: a request that expires during the upload is not answered", async () => {
  const { ports, approve } = await withRequest();
  ports.storageProvider.onUpload = () => {
    ports.clock.ns = startNs + 24n * hourNs;
  };
  await expect(approve()).rejects.toMatchObject({ code: "requestExpired" });
  expect(responses(ports)).toEqual([]);
});

test.each<[string, (stored: StoredBackup) => StoredBackup, string]>([
  [
    "another origin",
    (stored) => ({ ...stored, downloadUrl: "https://evil.example/x" }),
    "storageRefused",
  ],
  [
    "no URL",
    (stored) => ({ ...stored, downloadUrl: "no url" }),
    "storageRefused",
  ],
  [
    "a URL with a user name",
    (stored) => ({ ...stored, downloadUrl: "https://u@storage.example/x" }),
    "storageRefused",
  ],
  [
    "a URL that is too long for a message",
    (stored) => ({
      ...stored,
      downloadUrl: `${storageOrigin}/${"x".repeat(3_000)}`,
    }),
    "storageRefused",
  ],
  [
    "a time that is over",
    (stored) => ({ ...stored, expiresAtNs: startNs }),
    "storageRefused",
  ],
  [
    "a time that no message can hold",
    (stored) => ({ ...stored, expiresAtNs: 2n ** 63n }),
    "storageRefused",
  ],
  [
    "another size",
    (stored) => ({ ...stored, sizeBytes: 1 }),
    "uploadAuthorizationUsed",
  ],
  [
    "another hash",
    (stored) => ({ ...stored, sha256Hex: "0".repeat(64) }),
    "uploadAuthorizationUsed",
  ],
])(
  "a storage service that answers with %s ends the request, and nothing else",
  async (_name, answer, code) => {
    const { ports, approve, engine } = await withRequest();
    ports.storageProvider.answerUpload = answer;
    await expect(approve()).rejects.toMatchObject({ code });
    expect((await engine.sync()).problems).toEqual([]);
    expect(responses(ports)).toEqual([]);
  },
);

test("what is asked again before anything goes on: origin, channel and membership, each by itself", async () => {
  const { ports } = await withRequest();
  const context = await createContext(ports);
  const record = requireInbound(context.state.current(), requestId);
  expect(await whyRefuse(context, record)).toBeUndefined();
  const { secrets, ...withoutSecrets } = record;
  expect(secrets).toBeDefined();
  expect(await whyRefuse(context, withoutSecrets)).toBe("wrongState");
  const elsewhere = {
    ...context,
    policy: { ...context.policy, allowedStorageOrigins: [] },
  };
  expect(await whyRefuse(elsewhere, record)).toBe("storageOriginNotAllowed");
  letSomebodyIn(ports);
  expect(await whyRefuse(context, record)).toBe("channelNotPrivate");
  const channel = ports.channels.conversations.get(channelId);
  if (channel !== undefined) channel.memberInboxIdsOnNetwork = [inboxId];
  revoke(ports);
  expect(await whyRefuse(context, record)).toBe("installationRevoked");
});

test.each(["refresh", "fetchInboxState"])(
  "a decline while %s is under way before the response leaves: nothing leaves, and both calls say so",
  async (name) => {
    const { ports, engine, approve } = await withRequest();
    let declined: Promise<unknown> | undefined;
    ports.storageProvider.onUpload = () => {
      // The next call is the last look at the network before the response.
      ports.network.isDown = (call) => {
        if (call === name)
          declined ??= engine.respondToBackupRequest(requestId, "decline");
        return false;
      };
    };
    await expect(approve()).rejects.toMatchObject({ code: "wrongState" });
    expect(await declined).toMatchObject({ outcome: "declined" });
    expect((await engine.sync()).problems).toEqual([]);
    expect(responses(ports)).toEqual([]);
    const saved = new TextDecoder().decode(ports.stateStore.record);
    expect(saved).not.toContain("AGE-SECRET-KEY");
  },
);

test("a decline during the upload ends the upload", async () => {
  const { ports, engine, approve } = await withRequest();
  let approved: Promise<unknown> | undefined;
  await new Promise<void>((uploading) => {
    ports.storageProvider.onUpload = (signal) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new Error("aborted")));
        uploading();
      });
    approved = approve();
    approved.catch(() => undefined);
  });
  await engine.respondToBackupRequest(requestId, "decline");
  await expect(approved).rejects.toMatchObject({ code: "wrongState" });
  expect(responses(ports)).toEqual([]);
});

test("a decline is refused once the response was handed to the network, which may have it", async () => {
  const { ports, engine, approve } = await withRequest();
  ports.network.isDown = (call) => call === "send";
  await expect(approve()).rejects.toMatchObject({ code: "networkUnavailable" });
  await expect(
    engine.respondToBackupRequest(requestId, "decline"),
  ).rejects.toMatchObject({ code: "wrongState" });
  ports.network.isDown = () => false;
  await engine.sync();
  expect(responses(ports)).toHaveLength(1);
});
