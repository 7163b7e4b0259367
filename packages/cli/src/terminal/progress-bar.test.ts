import { describe, expect, it } from "vitest";
import { createProgressBar } from "./progress-bar.js";
import { createStyle } from "./style.js";

function bar(redraws: "inPlace" | "linePerPhase", columns?: number) {
  const written: string[] = [];
  const progressBar = createProgressBar({
    write: (text) => written.push(text),
    redraws,
    style: createStyle("plain"),
    ...(columns !== undefined && { columns }),
  });
  return { progressBar, written };
}

describe("progress bar", () => {
  it("writes one line a phase where nothing can be drawn again", () => {
    const { progressBar, written } = bar("linePerPhase");
    progressBar.update({ phase: "uploading", bytes: 10, totalBytes: 100 });
    progressBar.update({ phase: "uploading", bytes: 100, totalBytes: 100 });
    progressBar.update({ phase: "responding" });
    progressBar.finish("done");
    expect(written).toEqual([
      "✓ encrypting, uploading ━━━━━━━━━━━━━━━━━━━━━━━━ 100 B\n",
      "✓ answering             ━━━━━━━━━━━━━━━━━━━━━━━━\n",
    ]);
  });

  it("draws the same line again in place on a terminal", () => {
    const { progressBar, written } = bar("inPlace");
    progressBar.update({ phase: "importing", messages: 5, totalMessages: 10 });
    progressBar.update({ phase: "importing", messages: 5, totalMessages: 10 });
    progressBar.update({ phase: "importing", messages: 10, totalMessages: 10 });
    progressBar.finish("done");
    expect(written).toHaveLength(3);
    expect(written[0]).toBe(
      "\r\u001b[2K› importing             ━━━━━━━━━━━━──────────── 5 of 10 messages",
    );
    expect(written[2]).toMatch(/^\r.*✓ importing .* 10 messages\n$/);
  });

  it.each([80, 60, 50, 40, 30])(
    "stays on one line of a terminal with %i columns",
    (columns) => {
      const { progressBar, written } = bar("inPlace", columns);
      const progress = { phase: "archiving", messages: 20_000 } as const;
      progressBar.update({ ...progress, bytes: 28_600_000 });
      progressBar.finish("done");
      expect(written).toHaveLength(2);
      for (const line of written) {
        const text = line.replace("\r\u001b[2K", "").trimEnd();
        expect(text.length).toBeLessThan(columns);
        expect(text).toContain("reading the history");
        expect(text.includes("20,000 messages, 28.6 MB")).toBe(columns >= 50);
      }
    },
  );

  it("keeps the figures of a phase whose last event has none", () => {
    const { progressBar, written } = bar("linePerPhase");
    progressBar.update({ phase: "downloading", bytes: 7, totalBytes: 7 });
    progressBar.update({ phase: "downloading" });
    progressBar.finish("done");
    expect(written).toEqual([
      "✓ downloading           ━━━━━━━━━━━━━━━━━━━━━━━━ 7 B\n",
    ]);
  });

  it("shows where it stopped", () => {
    const { progressBar, written } = bar("linePerPhase");
    progressBar.update({ phase: "uploading", bytes: 25, totalBytes: 100 });
    progressBar.finish("stopped");
    expect(written).toEqual([
      "✗ encrypting, uploading ━━━━━━────────────────── 25 B\n",
    ]);
  });

  it("writes nothing when nothing happened", () => {
    const { progressBar, written } = bar("inPlace");
    progressBar.finish("done");
    expect(written).toEqual([]);
  });
});
