import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createReadStream } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  type BackupElementRecord,
  elementRecord,
  readAll,
  readXmtpArchive,
  writeXmtpArchive,
} from "@carryover/backup-file";
import { createNodePorts } from "@carryover/xmtp-node";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import type { BackupElementSelectionOption } from "@xmtp/node-sdk";
import type { TestClient } from "./person.js";

/** A message that somebody is made to have written. */
export interface SeededMessage {
  /** Hex. A conversation that the installation has. */
  conversationId: string;
  text: string;
  senderInboxId: string;
  sentAtNs: bigint;
}

const ports = createNodePorts();
const maxBatchMessages = 2_000;
const maxBatchBytes = 8 * 1024 * 1024;

/**
 * Puts messages into an installation's database by importing an archive: much faster than sending them. Other
 * installations do not get them.
 *
 * @returns the ids, in the order of the messages
 */
export async function seedHistory(
  client: TestClient,
  messages: Iterable<SeededMessage>,
): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), "carryover-seed-"));
  try {
    const { metadata, groups } = await readConversations(client, directory);
    const ids: string[] = [];
    let batch: BackupElementRecord[] = [];
    let bytes = 0;
    const flush = async () => {
      const key = new Uint8Array(randomBytes(32));
      const { archive } = writeXmtpArchive({
        elements: [metadata, ...groups, ...batch],
        key,
        ports,
      });
      const path = join(directory, `seed-${ids.length}`);
      await writeFile(path, await readAll(archive));
      await client.importArchive(path, key);
      await rm(path);
      batch = [];
      bytes = 0;
    };
    for (const message of messages) {
      const { id, record } = messageElement(message);
      ids.push(id);
      batch.push(record);
      bytes += record.bytes.length;
      if (batch.length >= maxBatchMessages || bytes >= maxBatchBytes)
        await flush();
    }
    if (batch.length > 0) await flush();
    return ids;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The records of the conversations that are there, from an archive of the installation itself. */
async function readConversations(client: TestClient, directory: string) {
  const path = join(directory, "conversations");
  const key = new Uint8Array(randomBytes(32));
  await client.createArchive(path, key, {
    elements: ["Messages" as BackupElementSelectionOption.Messages],
    excludeDisappearingMessages: false,
  });
  const { elements } = await readXmtpArchive({
    archive: Readable.toWeb(
      createReadStream(path),
    ) as ReadableStream<Uint8Array>,
    key,
    ports,
  });
  let metadata: BackupElementRecord | undefined;
  const groups: BackupElementRecord[] = [];
  for await (const { bytes, view } of elements) {
    const record = { bytes: bytes.slice(), view };
    if (view.kind === "metadata") metadata = record;
    if (view.kind === "group") groups.push(record);
  }
  if (metadata === undefined) throw new Error("the archive has no metadata");
  return { metadata, groups };
}

/** A text as an archive has it: `xmtp.device_sync.BackupElement` with a `GroupMessageSave`. */
export function messageElement({
  conversationId,
  text,
  senderInboxId,
  sentAtNs,
}: SeededMessage): { id: string; record: BackupElementRecord } {
  const id = randomBytes(32);
  const message = new BinaryWriter()
    .tag(1, 2)
    .bytes(new Uint8Array(id))
    .tag(2, 2)
    .bytes(new Uint8Array(Buffer.from(conversationId, "hex")))
    .tag(3, 2)
    .bytes(encodedText(text))
    .tag(4, 0)
    .int64(sentAtNs)
    .tag(5, 0)
    .int32(1)
    .tag(6, 2)
    .bytes(new Uint8Array(32).fill(7))
    .tag(7, 2)
    .string(senderInboxId)
    .tag(8, 0)
    .int32(2)
    .tag(10, 0)
    .int32(1)
    .tag(12, 2)
    .string("xmtp.org")
    .tag(16, 2)
    .string("text")
    .finish();
  return {
    id: id.toString("hex"),
    record: elementRecord(new BinaryWriter().tag(3, 2).bytes(message).finish()),
  };
}

/** `xmtp.message_contents.EncodedContent` of the standard text type. */
function encodedText(text: string): Uint8Array {
  const type = new BinaryWriter()
    .tag(1, 2)
    .string("xmtp.org")
    .tag(2, 2)
    .string("text")
    .tag(3, 0)
    .uint32(1)
    .finish();
  const encoding = new BinaryWriter()
    .tag(1, 2)
    .string("encoding")
    .tag(2, 2)
    .string("UTF-8")
    .finish();
  return new BinaryWriter()
    .tag(1, 2)
    .bytes(type)
    .tag(2, 2)
    .bytes(encoding)
    .tag(4, 2)
    .bytes(new TextEncoder().encode(text))
    .finish();
}
