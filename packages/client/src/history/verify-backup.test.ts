import {
  type BackupElementRecord,
  writeMessageBackupFile,
  writeXmtpArchive,
} from "@carryover/backup-file";
import { backupChannelMarker } from "@carryover/protocol";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { expect, test } from "vitest";
import type { BackupFileSource } from "../api.js";
import {
  consentElement,
  groupElement,
  messageElement,
  metadataElement,
} from "../testing/backup-elements.js";
import {
  createContext,
  createPorts,
  type MemoryPorts,
  startEngine,
} from "../testing/engine-fixture.js";
import {
  channelId,
  inboxId,
  strangerInboxId,
} from "../testing/installations.js";
import { startNs } from "../testing/memory-network.js";
import { streamOf } from "../testing/stream-of.js";
import { verifyBackup } from "./verify-backup.js";
import { openHistoryFile } from "./write-history-file.js";

const identity = await generateX25519Identity();
const recipient = await identityToRecipient(identity);
const group = "a0".repeat(16);
const marked = "a1".repeat(16);
const dm = "a2".repeat(16);
const message = (n: number) => n.toString(16).padStart(64, "0");
const forged = `${backupChannelMarker}${"2".repeat(32)}`;

const collect = async (stream: ReadableStream<Uint8Array>) =>
  new Uint8Array(await new Response(stream).arrayBuffer());

/** A Message Backup File with these elements behind its metadata. */
async function fileOf(
  elements: readonly BackupElementRecord[],
  owner: string = inboxId,
): Promise<Uint8Array> {
  const { file } = writeMessageBackupFile({
    header: {
      producer: { name: "test", version: "0", xmtpVersion: "" },
      createdAtNs: startNs,
      inboxId: owner,
      scope: {
        startNs: undefined,
        endNs: undefined,
        elements: ["messages", "consent"],
        disappearingMessages: "excluded",
      },
    },
    elements: [metadataElement(), ...elements],
    recipients: [recipient],
  });
  return await collect(file);
}

const source = (bytes: Uint8Array): BackupFileSource => ({
  open: async () => streamOf([bytes]),
  secret: { kind: "ageIdentity", identity },
});

async function verify(bytes: Uint8Array, ports: MemoryPorts = createPorts()) {
  return await verifyBackup(await createContext(ports), source(bytes), {});
}

const goodElements = [
  groupElement(group),
  groupElement(dm, { dmId: `dm:${inboxId}:${strangerInboxId}` }),
  messageElement(group, message(1)),
  messageElement(group, message(2)),
  messageElement(dm, message(3)),
  consentElement("conversation", dm, "denied"),
];

test("a good file is known by what it holds, and nothing is written", async () => {
  const ports = createPorts();
  const verified = await verify(await fileOf(goodElements), ports);
  expect(verified.sent).toEqual(
    new Map([
      [group, 2],
      [dm, 1],
    ]),
  );
  expect(verified.messageCount).toBe(3);
  expect(verified.leftOut).toEqual([]);
  expect(verified.consent.get(`conversation:${dm}`)?.state).toBe("denied");
  expect(ports.history.imported).toEqual([]);
});

test("security rule 7: a file of another inbox is refused by its header, and by any DM in it", async () => {
  await expect(
    verify(await fileOf(goodElements, strangerInboxId)),
  ).rejects.toMatchObject({ code: "backupOfAnotherInbox" });
  const foreign = groupElement(dm, {
    dmId: `dm:${strangerInboxId}:${"b1".repeat(32)}`,
  });
  await expect(
    verify(await fileOf([...goodElements, foreign])),
  ).rejects.toMatchObject({ code: "backupOfAnotherInbox" });
});

test("security rule 7: a file cut anywhere, or with any byte changed, writes no row", async () => {
  const bytes = await fileOf(goodElements);
  const ports = createPorts();
  const { engine } = await startEngine(ports);
  const step = Math.ceil(bytes.length / 60);
  for (let at = 0; at < bytes.length; at += step) {
    const flipped = bytes.map((byte, index) =>
      index === at ? byte ^ 1 : byte,
    );
    for (const bad of [bytes.subarray(0, at), flipped])
      await expect(
        engine.loadMessageBackupFile(source(bad)),
        `byte ${at}`,
      ).rejects.toMatchObject({ code: "backupFileInvalid" });
  }
  await expect(
    engine.loadMessageBackupFile(source(Uint8Array.from([...bytes, 0]))),
  ).rejects.toMatchObject({ code: "backupFileInvalid" });
  expect(ports.history.imported).toEqual([]);
  expect(ports.history.consent.size).toBe(0);
});

test("a channel that a backup made up is not imported, and the report says so", async () => {
  const ports = createPorts();
  const { engine } = await startEngine(ports);
  const report = await engine.loadMessageBackupFile(
    source(
      await fileOf([
        ...goodElements,
        groupElement(marked, { appData: forged }),
        messageElement(marked, message(9)),
        groupElement("a3".repeat(16), { type: 3 }),
      ]),
    ),
  );
  expect(report.leftOut).toEqual([
    {
      reason: "backupChannel",
      conversationCount: 2,
      messageCount: 1,
      otherCount: 0,
    },
  ]);
  expect([...ports.history.messageIds.keys()]).toEqual([group, dm]);
  expect(importedGroups(ports)).toEqual([group, dm]);
});

const importedGroups = ({ history }: MemoryPorts) =>
  history.imported.flatMap(({ view }) =>
    view.kind === "group" ? [view.conversationId] : [],
  );

test("nothing is imported into a channel that is here, whatever the file calls it", async () => {
  const ports = createPorts();
  ports.history.conversations.push(conversation(channelId, true));
  const { engine } = await startEngine(ports);
  await engine.loadMessageBackupFile(
    source(
      await fileOf([
        ...goodElements,
        groupElement(channelId),
        messageElement(channelId, message(9)),
      ]),
    ),
  );
  expect(importedGroups(ports)).toEqual([group, dm]);
});

const conversation = (conversationId: string, isBackupChannel: boolean) => ({
  conversationId,
  kind: "group" as const,
  liveness: "live" as const,
  consent: "allowed" as const,
  isBackupChannel,
});

/** A group that one of its members has marked as a backup channel. */
function addMarkedGroup(ports: MemoryPorts): void {
  ports.history.conversations.push(conversation(marked, true));
  ports.channels.conversations.set(marked, {
    kind: "group",
    callId: "2".repeat(32),
    memberInboxIds: [inboxId, strangerInboxId],
    messages: [],
  });
}

test("a member who marks a group as a channel does not keep it out of a backup, nor out of an import", async () => {
  const ports = createPorts();
  addMarkedGroup(ports);
  ports.history.conversations.push(conversation(channelId, true));
  ports.history.elements = [
    groupElement(marked, { appData: forged }),
    messageElement(marked, message(1)),
    groupElement(channelId, { appData: forged }),
    messageElement(channelId, message(2)),
  ];
  const context = await createContext(ports);
  const { file, finished } = await openHistoryFile(context, {
    recipient,
    scope: { elements: ["messages"] },
    phase: "archiving",
  });
  const bytes = await collect(file);
  expect((await finished).leftOut).toEqual([
    {
      reason: "backupChannel",
      conversationCount: 1,
      messageCount: 1,
      otherCount: 0,
    },
  ]);
  expect((await verify(bytes, ports)).sent).toEqual(new Map([[marked, 1]]));
  expect((await verify(bytes)).refused).toEqual(new Set([marked]));
});

test("a channel whose record says nothing of it is no part of a backup either", async () => {
  const ports = createPorts();
  ports.history.conversations.push(conversation(channelId, true));
  ports.history.elements = [
    groupElement(channelId),
    messageElement(channelId, message(1)),
    groupElement(group),
    messageElement(group, message(2)),
  ];
  const { file } = await openHistoryFile(await createContext(ports), {
    recipient,
    scope: { elements: ["messages"] },
    phase: "archiving",
  });
  expect((await verify(await collect(file))).sent).toEqual(
    new Map([[group, 1]]),
  );
});

test("messages without their conversation are counted, and not imported", async () => {
  const ports = createPorts();
  const { engine } = await startEngine(ports);
  const report = await engine.loadMessageBackupFile(
    source(
      await fileOf([
        ...goodElements,
        messageElement("a9".repeat(16), message(9)),
      ]),
    ),
  );
  expect(report.leftOut).toEqual([
    {
      reason: "withoutConversation",
      conversationCount: 0,
      messageCount: 1,
      otherCount: 0,
    },
  ]);
  expect(
    ports.history.imported.some(
      ({ view }) => view.kind === "message" && view.messageId === message(9),
    ),
  ).toBe(false);
});

test("a plain XMTP archive with a wrong key writes no row", async () => {
  const ports = createPorts();
  const { engine } = await startEngine(ports);
  const key = new Uint8Array(32).fill(1);
  const { archive } = writeXmtpArchive({
    elements: [metadataElement(), ...goodElements],
    key,
  });
  const bytes = await collect(archive);
  const load = (with_: Uint8Array) =>
    engine.loadMessageBackupFile({
      open: async () => streamOf([bytes]),
      secret: { kind: "archiveKey", key: with_ },
    });
  await expect(load(new Uint8Array(32).fill(2))).rejects.toMatchObject({
    code: "backupFileInvalid",
  });
  expect(ports.history.imported).toEqual([]);
  expect((await load(key)).totals).toEqual({
    conversations: 2,
    sent: 3,
    imported: 3,
    alreadyThere: 0,
  });
});

test("what a person chose here stays, and everything else becomes what it was", async () => {
  const ports = createPorts();
  const chosen = { ...conversation(dm, false), consent: "denied" as const };
  ports.history.conversations.push(chosen);
  const blocked = "b1".repeat(32);
  ports.history.consent.set(`inbox:${blocked}`, "denied");
  const { engine } = await startEngine(ports);
  await engine.loadMessageBackupFile(
    source(
      await fileOf([
        ...goodElements.slice(0, 5),
        consentElement("inbox", blocked, "allowed"),
        consentElement("conversation", dm, "allowed"),
        consentElement("conversation", group, "denied"),
        consentElement("inbox", strangerInboxId, "denied"),
      ]),
    ),
  );
  expect(ports.history.consent).toEqual(
    new Map([
      [`inbox:${blocked}`, "denied"],
      [`conversation:${group}`, "denied"],
      [`conversation:${dm}`, "denied"],
      [`inbox:${strangerInboxId}`, "denied"],
    ]),
  );
});
