import { describe, expect, it } from "vitest";
import { story, storyMessageCount } from "./story.js";

const lines = story.flatMap((chapter) => chapter.lines);

describe("the sample history", () => {
  it("has some hundreds of messages of every common kind, and membership changes", () => {
    expect(storyMessageCount).toBeGreaterThan(200);
    for (const kind of [
      "text",
      "reply",
      "reaction",
      "attachment",
      "readReceipt",
      "join",
      "leave",
      "rename",
    ])
      expect(
        lines.some((line) => line.kind === kind),
        kind,
      ).toBe(true);
    expect(
      lines.some((line) => line.kind === "text" && line.text.length > 1_024),
    ).toBe(true);
  });

  it("has groups that Alix made and did not make, DMs, and somebody Alix blocked", () => {
    expect(
      story.filter(({ kind }) => kind === "group").map(({ madeBy }) => madeBy),
    ).toEqual(["bo", "alix"]);
    expect(story.filter(({ kind }) => kind === "dm").length).toBeGreaterThan(2);
    expect(story.some(({ consent }) => consent === "denied")).toBe(true);
  });

  it("refers to messages that are there, and lets only members speak", () => {
    for (const { lines: chapter, madeBy, members } of story) {
      const present = new Set<string>([madeBy, ...members]);
      let messages = 0;
      for (const line of chapter) {
        if (line.kind === "reply")
          expect(line.to).toBeLessThanOrEqual(messages);
        if (line.kind === "reaction")
          expect(line.about).toBeLessThanOrEqual(messages);
        if (line.kind === "join") present.add(line.who);
        if (line.kind === "leave") present.delete(line.who);
        if ("from" in line) expect(present).toContain(line.from);
        if (["text", "reply", "attachment"].includes(line.kind)) messages += 1;
      }
    }
  });
});
