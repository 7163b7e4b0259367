import { describe, expect, it } from "vitest";
import { screen, sideBySide, table } from "./layout.js";
import { columnsOf } from "./text.js";

describe("table", () => {
  it("aligns numbers right, and shrinks the one column that may", () => {
    expect(
      table(
        [
          { title: "NAME", shrinks: "shrinks" },
          { title: "N", align: "right" },
        ],
        [
          ["a long name that gives way", "1,000"],
          ["b", "2"],
        ],
        20,
      ),
    ).toEqual([
      "NAME               N",
      "a long name …  1,000",
      "b                  2",
    ]);
  });
});

describe("screen", () => {
  it("frames every line to the same width, and wraps what is longer", () => {
    const lines = screen("PHONE", ["short", "this one is too long for it"], {
      width: 20,
    });
    expect(lines).toEqual([
      "┌─ PHONE ──────────┐",
      "│ short            │",
      "│ this one is too  │",
      "│ long for it      │",
      "└──────────────────┘",
    ]);
  });

  it("counts colour as no columns", () => {
    const lines = screen("T", ["\u001b[1mbold\u001b[22m"], { width: 12 });
    expect(lines.map(columnsOf)).toEqual([12, 12, 12]);
  });
});

describe("sideBySide", () => {
  it("makes both of the same height, in 80 columns", () => {
    const lines = sideBySide(
      { title: "A", lines: ["1"] },
      { title: "B", lines: ["1", "2", "3"] },
      80,
    );
    expect(lines).toHaveLength(5);
    expect(lines.map(columnsOf)).toEqual([80, 80, 80, 80, 80]);
  });
});
