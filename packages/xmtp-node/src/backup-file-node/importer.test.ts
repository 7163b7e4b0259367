import { type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import {
  type BackupElementRecord,
  createMetadataElement,
  elementRecord,
  readAll,
  readXmtpArchive,
  writeXmtpArchive,
} from "@carryover/backup-file";
import {
  bundleChildProgram,
  type ChildProgram,
  createTestNetwork,
  ended,
  type TestNetwork,
} from "@carryover/testkit";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createNodePorts } from "./node-ports.js";
import {
  type ImportAnswer,
  type ImportTask,
  testKey,
} from "./testing/import-task.js";

// XMTP's own importer, which spins for ever when it loses its place, in a process that can be killed.

const ports = createNodePorts();
let network: TestNetwork;
let program: ChildProgram;
let directory: string;

beforeAll(async () => {
  network = await createTestNetwork();
  directory = await network.temporaryDirectory();
  program = await bundleChildProgram(
    new URL("./testing/import-program.ts", import.meta.url),
  );
});
afterAll(async () => {
  await program.remove();
  await network.close();
});

/** A fresh installation in a process of its own. */
const startImporter = async () => {
  const child: ChildProcess = program.start(network.apiUrl);
  await once(child, "message");
  return {
    /** @returns `spinning` when there is no answer in time; the process is good for nothing then */
    ask: async (task: ImportTask, timeoutMs: number) => {
      const answered = once(child, "message", {
        signal: AbortSignal.timeout(timeoutMs),
      }).then(
        ([answer]) => answer as ImportAnswer,
        () => "spinning" as const,
      );
      child.send(task);
      return await answered;
    },
    close: async () => {
      child.kill("SIGKILL");
      await ended(child);
    },
  };
};

// Protobuf by hand, for records of any size that go into the database as they are.
const varint = (value: bigint): number[] =>
  value < 128n
    ? [Number(value)]
    : [Number(value & 127n) | 128, ...varint(value >> 7n)];
const field = (number: number, value: Uint8Array | string | bigint): Buffer => {
  if (typeof value === "bigint")
    return Buffer.from([...varint(BigInt(number) << 3n), ...varint(value)]);
  const bytes = Buffer.from(value);
  const tag = varint((BigInt(number) << 3n) | 2n);
  return Buffer.concat([
    Buffer.from([...tag, ...varint(BigInt(bytes.length))]),
    bytes,
  ]);
};
const element = (number: number, ...fields: Buffer[]): BackupElementRecord =>
  elementRecord(new Uint8Array(field(number, Buffer.concat(fields))));

const inbox = "0a".repeat(32);
const conversation = (id: Uint8Array): BackupElementRecord =>
  element(
    2,
    field(1, id),
    field(2, 1_700_000_000_000_000_000n),
    field(3, 1n),
    field(5, inbox),
    field(8, 1n),
    field(10, 1_700_000_000_000_000_000n),
    field(13, field(1, inbox)),
    field(14, field(1, Buffer.concat([field(1, "group_name"), field(2, "g")]))),
  );
const message = (
  conversationId: Uint8Array,
  n: number,
  content: Uint8Array,
): BackupElementRecord =>
  element(
    3,
    field(1, randomBytes(32)),
    field(2, conversationId),
    field(3, content),
    field(4, 1_700_000_000_000_000_000n + BigInt(n)),
    field(5, 1n),
    field(6, randomBytes(32)),
    field(7, inbox),
    field(8, 2n),
    field(10, 1n),
    field(12, "xmtp.org"),
    field(16, "text"),
  );

let files = 0;
const writeArchive = async (
  sizes: readonly number[],
  padding: "importer" | "none",
): Promise<{ path: string; messages: BackupElementRecord[] }> => {
  const id = randomBytes(16);
  const messages = sizes.map((size, n) => message(id, n, randomBytes(size)));
  files += 1;
  const path = join(directory, `archive-${files}`);
  const { archive } = writeXmtpArchive({
    elements: [
      createMetadataElement({ exportedAtNs: 1n, selection: ["messages"] }),
      conversation(id),
      ...messages,
    ],
    key: testKey,
    padding,
    ports,
  });
  await writeFile(path, await readAll(archive), { mode: 0o600 });
  return { path, messages };
};

/** Contents of the messages in an archive, by message id. */
const contentsIn = async (path: string): Promise<Map<string, string>> => {
  const { elements } = await readXmtpArchive({
    archive: new Blob([await readFile(path)]).stream(),
    key: testKey,
    ports,
  });
  const contents = new Map<string, string>();
  for await (const record of elements)
    if (record.view.kind === "message")
      contents.set(record.view.messageId, contentOf(record));
  return contents;
};
/** The content field, in hex; it is looked for behind the ids, which have known lengths. */
const contentOf = ({ bytes, view }: BackupElementRecord): string => {
  if (view.kind !== "message") throw new Error("no message");
  const buffer = Buffer.from(bytes);
  const id = buffer.indexOf(Buffer.from(view.conversationId, "hex"));
  const start = id + view.conversationId.length / 2;
  // An empty content is not written at all.
  if (view.contentBytes === 0) return "";
  const prefix = 1 + varint(BigInt(view.contentBytes)).length;
  return buffer
    .subarray(start + prefix, start + prefix + view.contentBytes)
    .toString("hex");
};

const sizes = {
  tiny: fc.nat({ max: 300 }),
  aroundOneRead: fc.integer({ min: 600, max: 1100 }),
  small: fc.nat({ max: 3000 }),
  medium: fc.nat({ max: 30_000 }),
  large: fc.nat({ max: 1_000_000 }),
  edge: fc.constantFrom(
    0,
    1,
    700,
    960,
    980,
    1000,
    1004,
    1020,
    1024,
    1025,
    2048,
    4096,
    8172,
    8192,
    16_384,
    65_536,
    131_072,
    1_000_000,
  ),
};
const anySize = fc.oneof(...Object.values(sizes));
/** Of one kind or mixed, 3 MB together at most. */
const mixture = fc
  .oneof(
    ...[...Object.values(sizes), anySize].map((size) =>
      fc.array(size, { minLength: 1, maxLength: 300 }),
    ),
  )
  .map((all) => {
    let total = 0;
    return all.filter((size) => (total += size) <= 3_000_000);
  });

describe("XMTP's importer", () => {
  it("takes padded archives of messages from 0 bytes to 1 MB in every mixture, whole", async () => {
    const importer = await startImporter();
    try {
      const expected = new Map<string, string>();
      for (const mixed of fc.sample(mixture, 40)) {
        const { path, messages } = await writeArchive(mixed, "importer");
        expect(
          await importer.ask({ do: "import", path }, 30_000),
          `sizes ${mixed.join(" ")}`,
        ).toBe("done");
        for (const record of messages)
          if (record.view.kind === "message")
            expected.set(record.view.messageId, contentOf(record));
      }
      const path = join(directory, "exported");
      expect(await importer.ask({ do: "export", path }, 60_000)).toBe("done");
      const found = await contentsIn(path);
      expect(found.size).toBe(expected.size);
      let different = 0;
      for (const [id, content] of expected)
        if (found.get(id) !== content) different += 1;
      expect(different).toBe(0);
    } finally {
      await importer.close();
    }
  }, 300_000);

  it("spins over, or refuses, the same archives without padding", async () => {
    const importer = await startImporter();
    try {
      const { path } = await writeArchive(
        new Array<number>(500).fill(5000),
        "none",
      );
      expect(await importer.ask({ do: "import", path }, 5_000)).not.toBe(
        "done",
      );
    } finally {
      await importer.close();
    }
  });
});
