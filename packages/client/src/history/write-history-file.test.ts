import {
  type BackupElementRecord,
  readMessageBackupFile,
  writeXmtpArchive,
} from "@carryover/backup-file";
import { generateX25519Identity } from "age-encryption";
import { expect, test } from "vitest";
import { CarryoverError } from "../errors.js";
import {
  consentElement,
  groupElement,
  messageElement,
  metadataElement,
} from "../testing/backup-elements.js";
import { createContext, createPorts } from "../testing/engine-fixture.js";
import { inboxId } from "../testing/installations.js";
import { streamOf } from "../testing/stream-of.js";
import { openHistoryFile } from "./write-history-file.js";

const identity = await generateX25519Identity();
const group = "a0".repeat(16);
const channel = "a1".repeat(16);
const message = (n: number) => n.toString(16).padStart(64, "0");
const scope = { elements: ["messages", "consent"] as const };

/** A history whose library writes its archive element by element, when it is told to. */
async function growingHistory() {
  const ports = createPorts();
  const waiting: (BackupElementRecord | "end")[] = [];
  let wake = (): void => undefined;
  let ends: { resolve(): void; reject(error: Error): void } | undefined;
  const written = new Promise<void>((resolve, reject) => {
    ends = { resolve, reject };
  });
  written.catch(() => undefined);
  async function* elements(): AsyncGenerator<BackupElementRecord> {
    yield metadataElement();
    for (;;) {
      const next = waiting.shift();
      if (next === "end") return;
      if (next !== undefined) yield next;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }
  let isDisposed = false;
  ports.history.exportArchive = async () => {
    const key = new Uint8Array(32).fill(7);
    const { archive } = writeXmtpArchive({ elements: elements(), key });
    return {
      archive,
      key,
      written,
      dispose: async () => {
        isDisposed = true;
      },
    };
  };
  const context = await createContext(ports);
  return {
    ports,
    isDisposed: () => isDisposed,
    open: () =>
      openHistoryFile(context, {
        identity,
        scope: { elements: [...scope.elements] },
        phase: "uploading",
      }),
    write(...more: (BackupElementRecord | "end")[]): void {
      waiting.push(...more);
      wake();
    },
    end: () => ends?.resolve(),
    fail: (error: Error) => ends?.reject(error),
  };
}

async function viewsOf(file: ReadableStream<Uint8Array>) {
  const reader = await readMessageBackupFile({
    file,
    identities: [identity],
  });
  const views = [];
  for await (const { view } of reader.elements) views.push(view);
  return { views, manifest: reader.verified().manifest };
}

test("the file is made while the library writes, and handed out when the library has written everything", async () => {
  const history = await growingHistory();
  let isOpen = false;
  const opening = history.open().then((opened) => {
    isOpen = true;
    return opened;
  });
  history.write(groupElement(group), messageElement(group, message(1)), "end");
  const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
  for (let time = 0; time < 20; time += 1) await turn();
  expect(isOpen).toBe(false);
  history.end();
  const { file, finished } = await opening;
  // Made already: nobody has read the file.
  expect((await finished).messageCount).toBe(1);
  expect((await viewsOf(file)).manifest.messageCount).toBe(1);
});

test("a backup channel that came while the library wrote is no part of the backup, whatever its record says", async () => {
  const history = await growingHistory();
  const opening = history.open();
  history.ports.channels.conversations.set(channel, {
    kind: "group",
    callId: "1".repeat(32),
    memberInboxIds: [inboxId],
    messages: [],
  });
  history.write(
    consentElement("conversation", channel, "allowed"),
    groupElement(group),
    groupElement(channel),
    messageElement(channel, message(1)),
    messageElement(group, message(2)),
    "end",
  );
  history.end();
  const { file } = await opening;
  const { views, manifest } = await viewsOf(file);
  expect(views.map(({ kind }) => kind)).toEqual([
    "metadata",
    "group",
    "message",
  ]);
  expect(manifest.conversations).toMatchObject([{ conversationId: group }]);
  expect(manifest.leftOut).toEqual([
    {
      reason: "backupChannel",
      conversationCount: 1,
      messageCount: 1,
      otherCount: 1,
    },
  ]);
});

test("a group that came meanwhile, is marked as a backup channel and holds others stays in the backup", async () => {
  const history = await growingHistory();
  const opening = history.open();
  history.ports.channels.conversations.set(channel, {
    kind: "group",
    callId: "1".repeat(32),
    memberInboxIds: [inboxId, "b0".repeat(32)],
    messages: [],
  });
  history.write(
    groupElement(channel),
    messageElement(channel, message(1)),
    "end",
  );
  history.end();
  const { file } = await opening;
  expect((await viewsOf(file)).manifest.messageCount).toBe(1);
});

test("an archive that the library could not finish is no backup, and is deleted", async () => {
  const history = await growingHistory();
  const opening = history.open();
  history.write(groupElement(group));
  history.fail(new CarryoverError("diskError", "the disk is full"));
  await expect(opening).rejects.toMatchObject({ code: "diskError" });
  expect(history.isDisposed()).toBe(true);
});

test("what is wrong with an archive is said at once, not when the library is done with it", async () => {
  const history = await growingHistory();
  const { history: port } = history.ports;
  const exporting = port.exportArchive({ elements: ["messages"] });
  port.exportArchive = async () => ({
    ...(await exporting),
    archive: streamOf([new Uint8Array(100)]),
  });
  await expect(history.open()).rejects.toMatchObject({ code: "exportFailed" });
  expect(history.isDisposed()).toBe(true);
});
