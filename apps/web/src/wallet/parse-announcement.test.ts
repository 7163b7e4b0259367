import { expect, test } from "vitest";
import { parseAnnouncement } from "./parse-announcement.js";

const provider = { request: () => Promise.resolve() };
const icon = "data:image/svg+xml;base64,PHN2Zy8+";
const info = { uuid: "u", name: "Wallet", icon, rdns: "org.example" };

test("a wallet that announces itself is known", () => {
  expect(parseAnnouncement({ info, provider })).toEqual({
    info: { uuid: "u", name: "Wallet", icon },
    provider,
  });
});

test("an icon that would be fetched is left out", () => {
  const fetched = { ...info, icon: "https://example.org/spy.png" };
  expect(
    parseAnnouncement({ info: fetched, provider })?.info.icon,
  ).toBeUndefined();
});

test.each([
  undefined,
  {},
  { info },
  { info, provider: {} },
  { info: { ...info, name: "\n" }, provider },
  { info: { name: "no id" }, provider },
])("%o is no wallet", (detail) => {
  expect(parseAnnouncement(detail)).toBeUndefined();
});
