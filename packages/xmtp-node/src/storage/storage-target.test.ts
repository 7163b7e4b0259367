import { isIP } from "node:net";
import { inspect } from "node:util";
import { describe, expect, it, test } from "vitest";
import { parseStorageTarget, type ResolveName } from "./storage-target.js";

const neverAsked: ResolveName = async () => {
  throw new Error("the name was asked for");
};

function resolvingTo(...addresses: string[]): ResolveName {
  return async () =>
    addresses.map((address) => ({ address, family: isIP(address) }));
}

function lookUp(url: string, resolve: ResolveName, all: boolean) {
  const { url: parsed, lookup } = parseStorageTarget(url, resolve);
  return new Promise<unknown>((done, fail) => {
    lookup(parsed.hostname, { all }, (error, address) => {
      if (error) fail(error);
      else done(address);
    });
  });
}

describe("parseStorageTarget", () => {
  it.each([
    "https://127.0.0.1/",
    "http://127.0.0.1:8080/",
    "http://127.1/",
    "http://[::1]:8080/x",
    "http://localhost:1/",
    "https://1.1.1.1/",
    "https://[2606:4700:4700::1111]/",
    "https://backups.example.org/",
  ])("takes %s", (url) => {
    expect(parseStorageTarget(url, neverAsked).url.href).toBe(
      new URL(url).href,
    );
  });

  it.each([
    "https://10.0.0.1/",
    "https://192.168.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://100.64.0.1/",
    "https://0.0.0.0/",
    "https://0/",
    "https://167772161/",
    "https://0xa000001/",
    "https://012.0.0.1/",
    "https://0xa.0x0.0x0.0x1/",
    "https://10.1/",
    "https://10.0.1/",
    "https://１０.0.0.1/",
    "https://[::]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::10.0.0.1]/",
    "https://[fd00::1]/",
    "https://[fe80::1]/",
    "https://[ff02::1]/",
    "https://[2002:a00:1::]/",
  ])("refuses private address space in every writing: %s", (url) => {
    // The protocol's own parser refuses what is not ASCII, earlier.
    expect(() => parseStorageTarget(url, neverAsked)).toThrow(
      expect.objectContaining({
        code: url.includes("１") ? "invalidOption" : "privateAddress",
      }),
    );
  });

  it.each([
    "http://example.org/",
    "http://1.1.1.1/",
    "http://localhost.example.org/",
    "http://127.0.0.1.example.org/",
  ])("refuses plain http away from loopback: %s", (url) => {
    expect(() => parseStorageTarget(url, neverAsked)).toThrow(
      expect.objectContaining({ code: "storageOriginNotAllowed" }),
    );
  });

  it.each([
    "",
    "backups",
    "ftp://example.org/",
    "file:///etc/passwd",
    "https://user:secret@example.org/",
    "https://example.org/#secret",
    "https://[fe80::1%25eth0]/secret",
    "https://exa mple.org/secret",
    "http://localhost./secret",
    "https://0x100000000/secret",
  ])("refuses what is no storage URL, and does not repeat it: %s", (url) => {
    let thrown: unknown;
    try {
      parseStorageTarget(url, neverAsked);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "invalidOption" });
    expect(String(thrown)).not.toContain("secret");
    expect((thrown as Error).cause).toBeUndefined();
  });
});

describe("the lookup of a target", () => {
  it("hands the connection the very addresses that it checked", async () => {
    let asked = 0;
    const resolve: ResolveName = async () => {
      asked += 1;
      return [{ address: "1.1.1.1", family: 4 }];
    };
    expect(await lookUp("https://example.org/", resolve, false)).toBe(
      "1.1.1.1",
    );
    expect(asked).toBe(1);
    expect(
      await lookUp(
        "https://example.org/",
        resolvingTo("1.1.1.1", "2606:4700::1"),
        true,
      ),
    ).toEqual([
      { address: "1.1.1.1", family: 4 },
      { address: "2606:4700::1", family: 6 },
    ]);
  });

  it.each([
    ["10.0.0.1"],
    ["127.0.0.1"],
    ["::1"],
    ["::ffff:192.168.0.1"],
    ["fe80::1%eth0"],
    ["1.1.1.1", "10.0.0.1"],
    ["2606:4700::1", "fd00::1"],
  ])("refuses a public name that leads to %s", async (...addresses) => {
    for (const all of [true, false])
      await expect(
        lookUp("https://example.org/", resolvingTo(...addresses), all),
      ).rejects.toMatchObject({ code: "privateAddress" });
  });

  it("refuses a localhost that leads away from this machine", async () => {
    await expect(
      lookUp("http://localhost/", resolvingTo("127.0.0.1", "1.1.1.1"), true),
    ).rejects.toMatchObject({ code: "privateAddress" });
    expect(
      await lookUp("http://localhost/", resolvingTo("::1", "127.0.0.1"), true),
    ).toHaveLength(2);
  });

  it("says that a name is not known, or has no address", async () => {
    await expect(
      lookUp("https://example.org/", neverAsked, true),
    ).rejects.toMatchObject({ code: "storageUnavailable" });
    await expect(
      lookUp("https://example.org/", resolvingTo(), true),
    ).rejects.toMatchObject({ code: "storageUnavailable" });
  });
});

test.each([
  "ftp://storage.example/backups?ticket=hunter2",
  "hunter2",
  "https://hunter2@storage.example/backups",
])(
  "security rule 8: what is no URL of a storage service is not quoted: %s",
  (url) => {
    const error = thrownBy(() => parseStorageTarget(url, neverAsked));
    expect(error).toMatchObject({ code: "invalidOption" });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(
      "hunter2",
    );
  },
);

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}
