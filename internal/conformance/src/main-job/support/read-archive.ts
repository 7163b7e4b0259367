import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  type BackupElementRecord,
  readXmtpArchive,
} from "@carryover/backup-file";
import { createNodePorts } from "@carryover/xmtp-node";
import type { TestClient } from "@carryover/testkit";
import type { BackupElementSelectionOption } from "@xmtp/node-sdk";

/** Everything that the SDK itself exports of an installation: what no call of an app shows is in it, too. */
export async function readArchive(
  client: TestClient,
  directory: string,
): Promise<BackupElementRecord[]> {
  const path = join(directory, randomBytes(8).toString("hex"));
  const key = new Uint8Array(randomBytes(32));
  await client.createArchive(path, key, {
    elements: [
      "Messages" as BackupElementSelectionOption.Messages,
      "Consent" as BackupElementSelectionOption.Consent,
    ],
    excludeDisappearingMessages: false,
  });
  const { elements } = await readXmtpArchive({
    archive: asWebStream(createReadStream(path)),
    key,
    ports: createNodePorts(),
  });
  const records: BackupElementRecord[] = [];
  for await (const { bytes, view } of elements)
    records.push({ bytes: bytes.slice(), view });
  return records;
}

/** A stream of Node as one of the web. */
export function asWebStream(stream: Readable): ReadableStream<Uint8Array> {
  return Readable.toWeb(stream) as ReadableStream<Uint8Array>;
}
