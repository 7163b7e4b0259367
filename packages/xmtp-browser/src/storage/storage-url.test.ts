import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { parseStorageTarget } from "./storage-url.js";

const failureOf = (url: string): unknown => {
  try {
    return parseStorageTarget(url).href;
  } catch (error) {
    return error;
  }
};

describe("where a page may send to", () => {
  it.each([
    "https://backups.example.org/",
    "https://backups.example.org:8443/backups?ticket=x",
    "http://localhost:1/",
    "https://localhost/",
    "http://127.0.0.1:8080/",
    "http://127.1/",
    "http://[::1]:8080/x",
  ])("takes %s", (url) => {
    expect(parseStorageTarget(url).href).toBe(new URL(url).href);
  });

  it.each([
    "http://example.org/",
    "http://localhost.example.org/",
    "http://10.0.0.1/",
    "http://127.0.0.1.example.org/",
  ])("security rule 6: refuses plain http away from loopback: %s", (url) => {
    expect(failureOf(url)).toMatchObject({ code: "storageOriginNotAllowed" });
  });

  it.each([
    "https://10.0.0.1/",
    "https://167772161/",
    "https://169.254.169.254/latest/meta-data",
    "https://192.168.1.1/",
    "https://1.1.1.1/",
    "https://[::ffff:10.0.0.1]/",
    "https://[fd00::1]/",
  ])(
    "security rule 6: refuses an address in the place of a name: %s",
    (url) => {
      expect(failureOf(url)).toMatchObject({ code: "privateAddress" });
    },
  );

  it.each([
    "hunter2",
    "",
    "ftp://hunter2.example.org/",
    "javascript:hunter2()",
  ])(
    "security rule 8: what is no URL of a storage service is not quoted: %s",
    (url) => {
      const failure = failureOf(url);
      expect(failure).toMatchObject({ code: "invalidOption" });
      expect(inspect(failure, { depth: 20 })).not.toContain("hunter2");
    },
  );
});
