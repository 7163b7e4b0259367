import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import {
  type BackupElementRecord,
  readXmtpArchive,
  writeMessageBackupFile,
  writeXmtpArchive,
} from "@carryover/backup-file";
import type { TestClient } from "@carryover/testkit";
import type { BackupElementSelectionOption } from "@xmtp/node-sdk";
import { Decrypter, Encrypter, identityToRecipient } from "age-encryption";

const archiveKey = new Uint8Array(32).fill(3);

/** Everything that an installation has, as records that can be tampered with. */
export async function exportRecords(
  client: TestClient,
): Promise<BackupElementRecord[]> {
  const directory = await mkdtemp(join(tmpdir(), "carryover-test-"));
  try {
    const path = join(directory, "archive");
    await client.createArchive(path, archiveKey, {
      elements: ["Messages", "Consent"] as BackupElementSelectionOption[],
      excludeDisappearingMessages: true,
    });
    const archive = await readXmtpArchive({
      archive: streamOf(await readFile(path)),
      key: archiveKey,
    });
    const records: BackupElementRecord[] = [];
    for await (const record of archive.elements) records.push(record);
    return records;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A plain XMTP archive of these records. */
export async function archiveOf(
  records: readonly BackupElementRecord[],
): Promise<{ bytes: Uint8Array; key: Uint8Array }> {
  const { archive } = writeXmtpArchive({ elements: records, key: archiveKey });
  return { bytes: await collect(archive), key: archiveKey };
}

/** A well-formed Message Backup File of these records, encrypted to one identity. */
export async function fileOf(
  records: readonly BackupElementRecord[],
  { inboxId, identity }: { inboxId: string; identity: string },
): Promise<Uint8Array> {
  const { file } = writeMessageBackupFile({
    header: {
      producer: { name: "hostile", version: "0", xmtpVersion: "" },
      createdAtNs: BigInt(Date.now()) * 1_000_000n,
      inboxId,
      scope: {
        startNs: undefined,
        endNs: undefined,
        elements: ["messages", "consent"],
        disappearingMessages: "excluded",
      },
    },
    elements: records,
    recipients: [await identityToRecipient(identity)],
  });
  return await collect(file);
}

/** Opens a file, changes its plain form, and closes it again so that encryption, compression and length are whole. */
export async function withPlainForm(
  file: Uint8Array,
  identity: string,
  change: (plain: Uint8Array) => Uint8Array,
): Promise<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  const plain = new Uint8Array(gunzipSync(await decrypter.decrypt(file)));
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(identity));
  return await encrypter.encrypt(new Uint8Array(gzipSync(change(plain))));
}

/** Cuts a plain form behind its n-th record, or within the one that follows. */
export function cutPlainForm(
  plain: Uint8Array,
  records: number,
  where: "atRecord" | "insideRecord",
): Uint8Array {
  let at = 0;
  for (let n = 0; n < records; n += 1) {
    at += 1;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = plain[at] ?? 0;
      at += 1;
      length += (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += length;
  }
  return plain.subarray(0, where === "atRecord" ? at : at + 5);
}

/** The same record with one text in it replaced by another of the same length. */
export function replaceText(
  bytes: Uint8Array,
  from: string,
  to: string,
): Uint8Array {
  const found = Buffer.from(bytes).indexOf(from);
  if (found < 0 || from.length !== to.length)
    throw new Error("the text cannot be replaced");
  const changed = Buffer.from(bytes);
  changed.write(to, found);
  return new Uint8Array(changed);
}

export function streamOf(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => {
      controller.enqueue(new Uint8Array(bytes));
      controller.close();
    },
  });
}

const collect = async (stream: ReadableStream<Uint8Array>) =>
  new Uint8Array(await new Response(stream).arrayBuffer());
