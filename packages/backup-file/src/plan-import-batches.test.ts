import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAll } from "./bytes/streams.js";
import { readXmtpArchive } from "./archive/read-archive.js";
import { writeXmtpArchive } from "./archive/write-archive.js";
import { elementRecord } from "./element/record.js";
import type { BackupElementRecord } from "./element/view.js";
import {
  planImportBatches,
  type PlanImportBatchesOptions,
} from "./plan-import-batches.js";
import { collect, streamOfBytes } from "./testing/bytes.js";
import { codeOf } from "./testing/codes.js";
import {
  conversationId,
  sampleConsent,
  sampleGroup,
  sampleHistory,
  sampleMessage,
  sampleMetadata,
} from "./testing/samples.js";

const plan = (
  elements: readonly BackupElementRecord[],
  options: Omit<PlanImportBatchesOptions, "elements"> = {},
) => collect(planImportBatches({ elements, ...options }));
const hex = (records: readonly BackupElementRecord[]): string[] =>
  records.map(({ bytes }) => Buffer.from(bytes).toString("hex"));
const unknown = elementRecord(Uint8Array.of(0x7a, 1, 9));

describe("planImportBatches", () => {
  it("puts every element into a batch, whatever the order and sizes", async () => {
    const element = fc.oneof(
      fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 3000 })).map(
        ([c, size]) =>
          (n: number) =>
            sampleMessage(c, n, new Uint8Array(size)),
      ),
      fc.nat({ max: 5 }).map((c) => () => sampleGroup(c)),
      fc.nat({ max: 5 }).map((c) => () => sampleConsent(c)),
      fc.constant(() => unknown),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(element, { maxLength: 80 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 100, max: 20_000 }),
        async (makers, maxMessages, maxBytes) => {
          const elements = [
            sampleMetadata(),
            ...makers.map((make, n) => make(n)),
          ];
          const batches = await plan(elements, { maxMessages, maxBytes });

          const messages = batches.flatMap((batch) =>
            batch.elements.filter(({ view }) => view.kind === "message"),
          );
          expect(hex(messages).sort()).toEqual(
            hex(elements.filter(({ view }) => view.kind === "message")).sort(),
          );
          for (const kind of ["group", "consent", "unknown"] as const)
            expect(
              new Set(
                hex(
                  batches.flatMap((b) =>
                    b.elements.filter(({ view }) => view.kind === kind),
                  ),
                ),
              ),
            ).toEqual(
              new Set(hex(elements.filter(({ view }) => view.kind === kind))),
            );

          for (const batch of batches) {
            if (batch.kind === "passedOver") continue;
            expect(batch.elements[0]?.view.kind).toBe("metadata");
            const groups = new Set<string>();
            for (const { view } of batch.elements) {
              if (view.kind === "group") groups.add(view.conversationId);
              // A message whose conversation does not come first fails on a foreign key.
              if (view.kind === "message")
                expect(groups).toContain(view.conversationId);
            }
            if (batch.kind === "messages") {
              expect(batch.messageCount).toBeLessThanOrEqual(maxMessages);
              const bytes = batch.elements
                .filter(({ view }) => view.kind === "message")
                .reduce((sum, record) => sum + record.bytes.length, 0);
              if (batch.messageCount > 1)
                expect(bytes).toBeLessThanOrEqual(maxBytes);
            }
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("puts messages, conversations without messages, then consent", async () => {
    const elements = [...sampleHistory(3, 5), sampleGroup(7)];
    const batches = await plan(elements, { maxMessages: 6 });
    expect(batches.map(({ kind }) => kind)).toEqual([
      "messages",
      "messages",
      "messages",
      "conversations",
      "consent",
    ]);
    expect(batches[3]).toMatchObject({ conversationIds: [conversationId(7)] });
    expect(batches[4]).toMatchObject({ consentCount: 3 });
  });

  it("passes over messages whose conversation is missing or comes later", async () => {
    const batches = await plan([
      sampleMetadata(),
      sampleMessage(1, 1, new Uint8Array(1)),
      sampleGroup(1),
      sampleMessage(1, 2, new Uint8Array(1)),
      sampleMessage(2, 3, new Uint8Array(1)),
    ]);
    expect(batches).toMatchObject([
      { kind: "messages", messageCount: 1 },
      {
        kind: "passedOver",
        reason: "messageWithoutConversation",
        elements: { length: 2 },
      },
    ]);
  });

  it("reports unknown kinds apart", async () => {
    const batches = await plan([sampleMetadata(), unknown, unknown]);
    expect(batches).toMatchObject([
      {
        kind: "passedOver",
        reason: "unknownKind",
        elements: [unknown, unknown],
      },
    ]);
  });

  it("gives nothing for nothing but metadata", async () => {
    expect(await plan([sampleMetadata()])).toEqual([]);
    expect(await plan([])).toEqual([]);
  });

  it("refuses elements without metadata first", async () => {
    expect(await codeOf(plan([sampleGroup(0)]))).toBe("archiveMetadataMissing");
  });

  it("keeps no more conversations, and no more bytes of them, than it may", async () => {
    const elements = sampleHistory(5, 1);
    const bytes = elements
      .filter(({ view }) => view.kind === "group")
      .reduce((sum, record) => sum + record.bytes.length, 0);
    expect(await codeOf(plan(elements, { maxConversations: 5 }))).toBe("none");
    expect(await codeOf(plan(elements, { maxConversations: 4 }))).toBe(
      "limitExceeded",
    );
    expect(await codeOf(plan(elements, { maxConversationBytes: bytes }))).toBe(
      "none",
    );
    expect(
      await codeOf(plan(elements, { maxConversationBytes: bytes - 1 })),
    ).toBe("limitExceeded");
  });

  it("gives batches that an archive can be written of", async () => {
    const key = new Uint8Array(32).fill(9);
    for (const batch of await plan(sampleHistory(3, 20), { maxMessages: 7 })) {
      if (batch.kind === "passedOver")
        throw new Error("nothing is passed over here");
      const bytes = await readAll(
        writeXmtpArchive({ elements: batch.elements, key }).archive,
      );
      const reader = await readXmtpArchive({
        archive: streamOfBytes(bytes),
        key,
      });
      expect(hex(await collect(reader.elements))).toEqual(hex(batch.elements));
    }
  });

  it("makes one batch at a time", async () => {
    let asked = 0;
    async function* elements() {
      yield sampleMetadata();
      yield sampleGroup(0);
      for (;;) {
        asked += 1;
        yield sampleMessage(0, asked, new Uint8Array(10));
      }
    }
    const batches = planImportBatches({
      elements: elements(),
      maxMessages: 10,
    });
    for (let i = 1; i <= 5; i += 1) {
      await batches.next();
      expect(asked).toBe(i * 10);
    }
    await batches.return();
  });
});
