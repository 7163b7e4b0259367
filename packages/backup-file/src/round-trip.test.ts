import {
  generateX25519Identity,
  generateHybridIdentity,
  identityToRecipient,
} from "age-encryption";
import { describe, expect, it } from "vitest";
import {
  planImportBatches,
  readAll,
  readMessageBackupFile,
  readXmtpArchive,
  verifyMessageBackupFile,
  writeMessageBackupFile,
  writeXmtpArchive,
  type BackupElementRecord,
} from "./index.js";
import { sampleHeader, sampleHistory } from "./testing/samples.js";

const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
};
const bytesOf = (records: readonly BackupElementRecord[]) =>
  records.map(({ bytes }) => bytes);

describe("a Message Backup File", () => {
  it.each([
    ["x25519", generateX25519Identity],
    ["post-quantum hybrid", generateHybridIdentity],
  ])("gives back the same elements (%s recipient)", async (_, generate) => {
    const identity = await generate();
    const recipients = [await identityToRecipient(identity)];
    const elements = sampleHistory(5, 40);
    const { file, finished } = writeMessageBackupFile({
      header: sampleHeader,
      elements,
      recipients,
    });
    const bytes = await readAll(file);
    const written = await finished;
    expect(written.sizeBytes).toBe(bytes.length);
    const verified = await verifyMessageBackupFile({
      file: new Blob([bytes as Uint8Array<ArrayBuffer>]).stream(),
      identities: [identity],
    });
    expect(verified.manifest).toEqual(written.manifest);
    expect(verified.sha256).toEqual(written.sha256);
    const reader = await readMessageBackupFile({
      file: new Blob([bytes as Uint8Array<ArrayBuffer>]).stream(),
      identities: [identity],
    });
    expect(bytesOf(await collect(reader.elements))).toEqual(bytesOf(elements));
    expect(reader.verified().manifest.messageCount).toBe(200);
  });
});

describe("an XMTP archive", () => {
  it("gives back the same elements", async () => {
    const key = new Uint8Array(32).fill(7);
    const elements = sampleHistory(5, 40);
    const { archive } = writeXmtpArchive({ elements, key });
    const reader = await readXmtpArchive({ archive, key });
    expect(bytesOf(await collect(reader.elements))).toEqual(bytesOf(elements));
  });
});

describe("planImportBatches", () => {
  it("puts everything into batches once", async () => {
    const batches = await collect(
      planImportBatches({ elements: sampleHistory(5, 40), maxMessages: 30 }),
    );
    expect(batches.map(({ kind }) => kind)).toEqual([
      ...Array.from({ length: 7 }, () => "messages"),
      "consent",
    ]);
  });
});
