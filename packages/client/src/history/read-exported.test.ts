import {
  type BackupElementRecord,
  readAll,
  writeXmtpArchive,
} from "@carryover/backup-file";
import { expect, test } from "vitest";
import type { ExportedPart } from "../ports/history.js";
import {
  consentElement,
  groupElement,
  messageElement,
  metadataElement,
} from "../testing/backup-elements.js";
import { createPorts } from "../testing/engine-fixture.js";
import { streamOf } from "../testing/stream-of.js";
import { readExported } from "./read-exported.js";

const [one, two] = ["a1".repeat(16), "a2".repeat(16)];
const early = messageElement(one, "b1".repeat(32));
const late = messageElement(two, "b2".repeat(32));
const consent = consentElement("conversation", one, "allowed");

async function part(
  elements: readonly BackupElementRecord[],
): Promise<ExportedPart & { cancelled: () => boolean }> {
  const key = crypto.getRandomValues(new Uint8Array(32));
  const bytes = await readAll(
    writeXmtpArchive({ elements: [metadataElement(), ...elements], key })
      .archive,
  );
  let open = true;
  const whole = streamOf([bytes]).getReader();
  const archive = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await whole.read();
        if (!done) return controller.enqueue(value);
        open = false;
        controller.close();
      },
      cancel: () => void (open = false),
    },
    { highWaterMark: 0 },
  );
  return { key, archive, cancelled: () => !open };
}

async function read([first, ...further]: readonly ExportedPart[]) {
  if (first === undefined) throw new Error("no part");
  return await readExported(
    { ...first, further, sizeBytes: 0, dispose: async () => undefined },
    {
      elements: ["messages", "consent"],
      ports: createPorts().backupFile,
    },
  );
}

const shown = ({ view }: BackupElementRecord) =>
  "conversationId" in view
    ? [view.kind, view.conversationId]
    : [view.kind, undefined];

test("conversations of every part come before the messages of any", async () => {
  const elements = await read([
    await part([consent, groupElement(two), early]),
    await part([late]),
    await part([groupElement(one)]),
  ]);
  const found = [];
  for await (const record of elements) found.push(record);
  expect(found.map(shown)).toEqual([
    ["metadata", undefined],
    ["consent", undefined],
    ["group", two],
    ["group", one],
    ["message", one],
    ["message", two],
  ]);
  expect(found[0]?.view).toMatchObject({
    startNs: undefined,
    endNs: undefined,
    selection: ["messages", "consent"],
  });
});

test("a single part is read as it is", async () => {
  const found = [];
  for await (const record of await read([
    await part([consent, groupElement(one), early]),
  ]))
    found.push(shown(record));
  expect(found.map(([kind]) => kind)).toEqual([
    "metadata",
    "consent",
    "group",
    "message",
  ]);
});

test("a part that is not whole is an error, and every part is let go of", async () => {
  const whole = await part([groupElement(one), early]);
  const long = "x".repeat(100_000);
  const other = await part(
    [1, 2, 3, 4].map((n) => messageElement(two, `c${n}`.repeat(32), long)),
  );
  const bytes = await readAll(other.archive);
  const cut = {
    key: other.key,
    archive: streamOf([bytes.subarray(0, bytes.length - 20)]),
  };
  const third = await part([]);
  const elements = await read([whole, cut, third]);
  await expect(async () => {
    for await (const record of elements) shown(record);
  }).rejects.toMatchObject({ code: "archiveTruncated" });
  expect(whole.cancelled()).toBe(true);
  expect(third.cancelled()).toBe(true);
});
