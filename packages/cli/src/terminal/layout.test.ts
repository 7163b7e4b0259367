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
        28,
      ),
    ).toEqual([
      "NAME                       N",
      "a long name that giv…  1,000",
      "b                          2",
    ]);
  });
});

describe("table on a narrow terminal", () => {
  const columns = [
    { title: "FILE", shrinks: "shrinks" },
    { title: "PROFILE" },
    { title: "" },
    { title: "REFRESH BY" },
  ] as const;
  const path = "/home/alix/somewhere/deep/down/alix.backup.age";
  const rows = [
    [path, "old-phone", "", "23 Dec 2026: 29 days left"],
    ["b.age", "new-phone", "lost", "revoked"],
  ];

  it.each([24, 40, 63])(
    "gives each row lines of its own in %i columns, and cuts nothing",
    (width) => {
      const lines = table(columns, rows, width);
      for (const line of lines)
        expect(columnsOf(line)).toBeLessThanOrEqual(width);
      const text = lines.join("\n");
      expect(text.replaceAll(/\s/g, "")).toBe(
        `${path}profile:old-phonerefreshby:23Dec2026:29daysleftb.ageprofile:new-phonelostrefreshby:revoked`,
      );
      expect(lines).toContain("  profile: old-phone");
      expect(lines).toContain("");
    },
  );

  it("stays a table where it fits, or where there is room for one", () => {
    expect(table(columns, rows.slice(1), 50)[0]).toMatch(/^FILE +PROFILE/);
    expect(table(columns, rows, 64)[0]).toMatch(/^FILE +PROFILE/);
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
