import { expect, test } from "vitest";
import {
  allowedStorageOriginOf,
  parseAllowedOrigins,
  storageOriginOf,
} from "./storage-origin.js";

const allowed = ["https://backups.example.org", "http://127.0.0.1:5558"];

test.each([
  [
    "https://backups.example.org/backups?ticket=1",
    "https://backups.example.org",
  ],
  ["https://backups.example.org:443/x", "https://backups.example.org"],
  ["HTTPS://BACKUPS.example.org/x", "https://backups.example.org"],
  ["http://127.0.0.1:5558/backups", "http://127.0.0.1:5558"],
])("%s goes to an allowed origin", (url, origin) => {
  expect(allowedStorageOriginOf(url, allowed)).toBe(origin);
});

test.each([
  ["another host", "https://evil.example.org/backups"],
  ["a name that only starts like it", "https://backups.example.org.evil.test/"],
  ["a name that only ends like it", "https://evilbackups.example.org/"],
  ["the name as user name", "https://backups.example.org@evil.test/"],
  ["another port", "https://backups.example.org:8443/"],
  ["plain http", "http://backups.example.org/"],
  ["another loopback port", "http://127.0.0.1:9999/"],
  ["another loopback name", "http://localhost:5558/"],
  ["a name that starts like loopback", "http://127.0.0.1.evil.test/"],
  ["a trailing dot", "https://backups.example.org./"],
  ["no URL", "backups.example.org"],
  ["another scheme", "ftp://backups.example.org/"],
])("security rule 6: %s is not allowed", (_name, url) => {
  expect(allowedStorageOriginOf(url, allowed)).toBeUndefined();
});

test("an app's list is checked and brought into its canonical form", () => {
  expect(
    parseAllowedOrigins([
      "https://Backups.Example.org/".toLowerCase(),
      "http://localhost:1",
    ]),
  ).toEqual(["https://backups.example.org", "http://localhost:1"]);
  for (const wrong of [
    "http://backups.example.org",
    "https://backups.example.org/path",
    "*",
    "",
  ])
    expect(() => parseAllowedOrigins([wrong])).toThrow(
      expect.objectContaining({ code: "invalidOption" }),
    );
});

test("a loopback address in another spelling is loopback all the same", () => {
  expect(storageOriginOf("http://127.1:80/")).toBe("http://127.0.0.1");
  expect(storageOriginOf("http://[::1]:8080/")).toBe("http://[::1]:8080");
  expect(storageOriginOf("http://[::ffff:127.0.0.1]/")).toBeUndefined();
});
