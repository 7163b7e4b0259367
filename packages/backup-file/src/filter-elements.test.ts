import { describe, expect, it } from "vitest";
import { filterElements } from "./filter-elements.js";
import { collect } from "./testing/bytes.js";
import {
  conversationId,
  sampleHistory,
  sampleMetadata,
} from "./testing/samples.js";

describe("filterElements", () => {
  it("leaves out whole conversations with their consent, and counts by reason", async () => {
    const { elements, leftOut } = filterElements({
      elements: sampleHistory(4, 10),
      conversations: new Map([
        [conversationId(1), "backup-channel"],
        [conversationId(3), "backup-channel"],
        [conversationId(2), "not-wanted"],
      ]),
    });
    const kept = await collect(elements);
    expect(kept.length).toBe(1 + 1 + 10 + 1);
    for (const { view } of kept) {
      if (view.kind === "group" || view.kind === "message")
        expect(view.conversationId).toBe(conversationId(0));
      if (view.kind === "consent") expect(view.entity).toBe(conversationId(0));
    }
    expect(leftOut()).toEqual([
      {
        reason: "backup-channel",
        conversationCount: 2,
        messageCount: 20,
        otherCount: 2,
      },
      {
        reason: "not-wanted",
        conversationCount: 1,
        messageCount: 10,
        otherCount: 1,
      },
    ]);
  });

  it("leaves out single elements for a reason", async () => {
    const { elements, leftOut } = filterElements({
      elements: sampleHistory(2, 10),
      conversations: new Map(),
      reasonFor: ({ view }) =>
        view.kind === "message" && view.sentAtNs < 1_700_000_005_000_000_000n
          ? "out-of-scope"
          : undefined,
    });
    expect((await collect(elements)).length).toBe(1 + 2 + 10 + 2);
    expect(leftOut()).toEqual([
      {
        reason: "out-of-scope",
        conversationCount: 0,
        messageCount: 10,
        otherCount: 0,
      },
    ]);
  });

  it("keeps everything and counts nothing when there is nothing to leave out", async () => {
    const { elements, leftOut } = filterElements({
      elements: [sampleMetadata()],
      conversations: new Map(),
    });
    expect(await collect(elements)).toEqual([sampleMetadata()]);
    expect(leftOut()).toEqual([]);
  });
});
