import { createReadStream, createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import {
  type BackupElementRecord,
  readMessageBackupFile,
  writeMessageBackupFile,
} from "@carryover/backup-file";
import { messageElement, temporaryDirectory } from "@carryover/testkit";
import { createNodePorts } from "@carryover/xmtp-node";
import {
  Decrypter,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";
import { createDraws, createTexts } from "../world/sample-text.js";
import { findGzipAndAge } from "./gzip-and-age.js";

/** Megabytes of plain text a second. */
export interface FileSpeeds {
  write: number;
  read: number;
}

/** The backup file's writer and reader beside gzip and age on the same bytes. */
export interface MeasuredFile {
  plainBytes: number;
  fileBytes: number;
  messages: number;
  /** What it is compared with. */
  comparedWith: string;
  runs: { carryover: FileSpeeds; compared: FileSpeeds }[];
}

const runCount = 3;
const ports = createNodePorts();
/** The level of `createNodePorts`. */
const level = 3;

/** Writes and reads one file again and again, by turns. */
export async function measureBackupFile(
  messages: number,
  tell: (line: string) => void,
): Promise<MeasuredFile | undefined> {
  if (messages === 0) return undefined;
  tell("writing and reading a backup file");
  const directory = await temporaryDirectory();
  try {
    const identity = await generateX25519Identity();
    const recipient = await identityToRecipient(identity);
    const compared = await findGzipAndAge(
      { identity, recipient, level },
      directory.path,
    );
    const path = (name: string) => join(directory.path, name);
    const elements = [...createElements(messages)];
    const write = () => writeFile(elements, recipient, path("ours"));
    const read = () => readFile(path("ours"), identity, messages);
    // Once before anything is timed: it also makes the bytes for the other side.
    await write();
    await read();
    await writePlain(path("ours"), identity, path("plain"));
    const { size: plainBytes } = await stat(path("plain"));
    const speed = async (work: () => Promise<void>) => {
      const started = performance.now();
      await work();
      return plainBytes / 1_000 / (performance.now() - started);
    };
    const runs: MeasuredFile["runs"] = [];
    for (let run = 0; run < runCount; run += 1)
      runs.push({
        carryover: { write: await speed(write), read: await speed(read) },
        compared: {
          write: await speed(() =>
            compared.write(path("plain"), path(`theirs-${run}`)),
          ),
          read: await speed(() => compared.read(path(`theirs-${run}`))),
        },
      });
    return {
      plainBytes,
      fileBytes: (await stat(path("ours"))).size,
      messages,
      comparedWith: compared.name,
      runs,
    };
  } finally {
    await directory.remove();
  }
}

function* createElements(count: number): Generator<BackupElementRecord> {
  const draw = createDraws(count);
  const text = createTexts(draw);
  for (let at = 0; at < count; at += 1)
    yield messageElement({
      conversationId: (at % 40).toString(16).padStart(32, "0"),
      text: text(),
      senderInboxId: Math.floor(draw() * 8)
        .toString(16)
        .padStart(64, "e"),
      sentAtNs: 1_700_000_000_000_000_000n + BigInt(at) * 1_000_000_007n,
    }).record;
}

async function writeFile(
  elements: readonly BackupElementRecord[],
  recipient: string,
  path: string,
): Promise<void> {
  const { file } = writeMessageBackupFile({
    header: {
      producer: { name: "bench", version: "0", xmtpVersion: "" },
      createdAtNs: 1_700_000_000_000_000_000n,
      inboxId: "e".repeat(64),
      scope: {
        startNs: undefined,
        endNs: undefined,
        elements: ["messages"],
        disappearingMessages: "excluded",
      },
    },
    elements,
    recipients: [recipient],
    ports,
  });
  await pipeline(file, createWriteStream(path));
}

async function readFile(
  path: string,
  identity: string,
  expectedMessages: number,
): Promise<void> {
  const reader = await readMessageBackupFile({
    file: openFile(path),
    identities: [identity],
    ports,
  });
  let messages = 0;
  for await (const { view } of reader.elements)
    if (view.kind === "message") messages += 1;
  if (
    messages !== expectedMessages ||
    reader.verified().manifest.messageCount !== expectedMessages
  )
    throw new Error(`${messages} messages read of ${expectedMessages}`);
}

/** With another implementation of both layers: what was written is right. */
async function writePlain(
  path: string,
  identity: string,
  plainPath: string,
): Promise<void> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  await pipeline(
    await decrypter.decrypt(openFile(path)),
    createGunzip(),
    createWriteStream(plainPath),
  );
}

const openFile = (path: string) =>
  Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
