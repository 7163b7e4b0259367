import { describe, expect, it } from "vitest";
import { columnsOf, fit, printable, wrap, wrapWhole } from "./text.js";

describe("printable", () => {
  it("takes the control out of control characters", () => {
    expect(printable("a\u001b[2Jb\u0007c\u009bd")).toBe("a�[2Jb�c�d");
  });

  it("does not let a name turn the direction of the line", () => {
    expect(printable("gnp\u202Eexe.\u2066x")).toBe("gnp�exe.�x");
  });

  it("puts lines behind each other and keeps words and emoji", () => {
    expect(printable("one\ntwo 👩‍👩‍👧 ü")).toBe("one two 👩‍👩‍👧 ü");
  });
});

describe("columnsOf", () => {
  it.each([
    ["abc", 3],
    ["\u001b[1mabc\u001b[22m", 3],
    ["🏰", 2],
    ["👩‍👩‍👧", 2],
    ["漢字", 4],
    ["é", 1],
    ["", 0],
  ])("%j takes %i", (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });
});

describe("fit", () => {
  it("fills up on the side that is asked for", () => {
    expect(fit("ab", 4)).toBe("ab  ");
    expect(fit("ab", 4, "right")).toBe("  ab");
  });

  it("cuts to exactly the columns, also in front of a wide character", () => {
    expect(fit("abcdef", 4)).toBe("abc…");
    expect(fit("ab🏰cd", 4)).toBe("ab… ");
    expect(columnsOf(fit("🏰🏰🏰", 4))).toBe(4);
  });
});

describe("wrap", () => {
  it("breaks at spaces, keeps paragraphs, cuts what has none", () => {
    expect(wrap("one two three\nfour", 7)).toEqual([
      "one two",
      "three",
      "four",
    ]);
    expect(wrap("a abcdefghij b", 5)).toEqual(["a", "abcd…", "b"]);
  });
});

describe("wrapWhole", () => {
  it("leaves whole what it is told to, also where that is longer than a line", () => {
    const whole = ["npx carryover account", "npx carryover account list"];
    expect(
      wrapWhole(
        '  See it with "npx carryover account list", or elsewhere.',
        20,
        whole,
      ),
    ).toEqual([
      "  See it with",
      '  "npx carryover account list",',
      "  or elsewhere.",
    ]);
  });

  it("breaks at spaces, keeps the indent, and cuts nothing, however long a word is", () => {
    expect(wrapWhole("  carryover account verify /a/b/c/d/e/f/g", 14)).toEqual([
      "  carryover",
      "  account",
      "  verify",
      "  /a/b/c/d/e/f",
      "  /g",
    ]);
    expect(wrapWhole("made         today", 12)).toEqual(["made", "today"]);
    expect(wrapWhole("fits", 4)).toEqual(["fits"]);
    expect(wrapWhole("", 4)).toEqual([""]);
    expect(wrapWhole("漢字漢字", 1)).toEqual(["漢字", "漢字"]);
  });
});
