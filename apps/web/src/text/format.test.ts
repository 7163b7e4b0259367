import { expect, test } from "vitest";
import { printable, shortAddress, shortId } from "./format.js";

test("ids and addresses are cut", () => {
  expect(shortId("0123456789abcdef")).toBe("01234567…");
  expect(shortAddress("0x52908400098527886E0F7030069857D2E4169EE7")).toBe(
    "0x5290…9EE7",
  );
});

test("what somebody else wrote cannot turn or break the line", () => {
  expect(printable("My\napp\u202egnp.exe\u0007 ")).toBe("My app gnp.exe");
  const family = "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}";
  expect(printable(` ${family} `)).toBe(family);
  expect(printable("\u200d\u200c \u200b")).toBe("");
});
