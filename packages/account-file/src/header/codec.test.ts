import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AccountFileError } from "../errors.js";
import { utf8 } from "../testing/bytes.js";
import { measure, sampleDatabase, sampleHeader } from "../testing/samples.js";
import { encodeHeader, HEADER_START, parseHeader } from "./codec.js";
import type { AccountFileHeaderInput } from "./types.js";

const measured = measure(sampleDatabase(100));
const encode = (input: AccountFileHeaderInput = sampleHeader) =>
  new TextDecoder().decode(encodeHeader(input, measured));
const line = encode();

const failureOf = (read: () => unknown): AccountFileError => {
  try {
    read();
  } catch (error) {
    if (error instanceof AccountFileError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

/** The sample's JSON with one member changed, in the sample's order. */
const changed = (
  path: readonly string[],
  change: (parent: Record<string, unknown>, name: string) => void,
): string => {
  const root = JSON.parse(line) as Record<string, unknown>;
  let parent = root;
  for (const name of path.slice(0, -1))
    parent = parent[name] as Record<string, unknown>;
  change(parent, path.at(-1) ?? "");
  return JSON.stringify(root);
};

describe("a header", () => {
  it("is one line of ASCII that begins with format and version", () => {
    expect(line).toMatch(/^[ -~]+$/);
    expect(line.startsWith(`${HEADER_START}1,`)).toBe(true);
  });

  it("comes back, and so do dates that are not there", () => {
    for (const input of [
      sampleHeader,
      {
        ...sampleHeader,
        messagesKeptUntilNs: undefined,
        seededAtNs: undefined,
      },
    ])
      expect(parseHeader(utf8(encode(input)))).toEqual({
        header: {
          version: 1,
          role: "BACKUP",
          ...input,
          database: { codec: "gzip", ...measured },
        },
        unknownFields: [],
      });
  });

  const hex32 = fc.stringMatching(/^[0-9a-f]{64}$/);
  const time = fc.bigInt({ min: 1n, max: 2n ** 62n });
  it("of any content comes back", () => {
    fc.assert(
      fc.property(
        fc.record({
          producer: fc.record({
            name: fc.stringMatching(/^[ -~]{1,128}$/),
            version: fc.stringMatching(/^[ -~]{1,128}$/),
            libxmtpVersion: fc.stringMatching(/^[ -~]{1,128}$/),
          }),
          environment: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,31}$/),
          inboxId: hex32,
          account: fc.oneof(
            fc.record({
              kind: fc.constant("ethereum"),
              identifier: fc.stringMatching(/^0x[0-9a-f]{40}$/),
            }),
            fc.record({
              kind: fc.constant("passkey"),
              identifier: fc.stringMatching(/^[!-~]{1,256}$/),
            }),
          ),
          installationId: hex32,
          createdAtNs: time,
          sequence: fc.integer({ min: 1 }),
          refreshedAtNs: time.map((ns) => ns + 2n ** 62n - 1n),
          keyPackageExpiresAtNs: time,
          messagesKeptUntilNs: fc.option(time, { nil: undefined }),
          seededAtNs: fc.option(time, { nil: undefined }),
        }),
        (input) => {
          const { header } = parseHeader(utf8(encode(input)));
          expect(header).toMatchObject(input);
        },
      ),
    );
  });

  it("of a later version is told by its first bytes, whatever follows", () => {
    for (const version of ["2", "99"])
      expect(
        failureOf(() =>
          parseHeader(utf8(`${HEADER_START}${version},"x":[null]}`)),
        ).code,
      ).toBe("versionUnsupported");
  });

  it.each([
    "nothing",
    "",
    "{}",
    '{"format":"carryover/message-backup","version":1}',
    '{"version":1,"format":"carryover/backup-account"}',
    ` ${line}`,
  ])("is not %s", (text) => {
    expect(failureOf(() => parseHeader(utf8(text))).code).toBe(
      "notAccountFile",
    );
  });

  it("with fields of later is read, and they are named", () => {
    const text = changed(["database", "pages"], (parent, name) => {
      parent[name] = 4;
    }).replace(/}$/, ',"later":{"a":1},"odd\\u001b name":2}');
    expect(parseHeader(utf8(text)).unknownFields).toEqual([
      "header.later",
      "header.(odd name)",
      "header.database.pages",
    ]);
  });

  const required = [
    "role",
    "producer",
    "producer.name",
    "producer.version",
    "producer.libxmtpVersion",
    "environment",
    "inboxId",
    "account",
    "account.kind",
    "account.identifier",
    "installationId",
    "createdAtNs",
    "sequence",
    "refreshedAtNs",
    "keyPackageExpiresAtNs",
    "database",
    "database.codec",
    "database.sizeBytes",
    "database.sha256",
  ];
  it.each(required)("without %s is refused, and the error names it", (path) => {
    const text = changed(path.split("."), (parent, name) => {
      delete parent[name];
    });
    const error = failureOf(() => parseHeader(utf8(text)));
    expect(error.code).toBe("headerInvalid");
    expect(error.message).toContain(`header.${path}: `);
  });

  it.each<[string, unknown]>([
    ["version", "1"],
    ["version", 0],
    ["role", "FULL"],
    ["producer", []],
    ["producer.name", "two\nlines"],
    ["producer.name", ""],
    ["producer.name", "x".repeat(129)],
    ["environment", "Dev"],
    ["inboxId", "0A".repeat(32)],
    ["inboxId", "0a".repeat(31)],
    ["account", null],
    ["account.kind", ""],
    ["account.identifier", `0x${"AC".repeat(20)}`],
    ["account.identifier", "ac".repeat(20)],
    ["installationId", `${"1b".repeat(32)}\n`],
    ["createdAtNs", 1_790_000_000],
    ["createdAtNs", "0"],
    ["createdAtNs", "-1"],
    ["createdAtNs", "01790000000000000000"],
    ["createdAtNs", "9223372036854775808"],
    ["refreshedAtNs", "1"],
    ["messagesKeptUntilNs", null],
    ["seededAtNs", ""],
    ["sequence", 0],
    ["sequence", 1.5],
    ["sequence", 2 ** 53],
    ["database.codec", "zstd"],
    ["database.sizeBytes", -1],
    ["database.sizeBytes", "100"],
    ["database.sha256", "ff"],
  ])("whose %s is %j is refused", (path, value) => {
    const text = changed(path.split("."), (parent, name) => {
      parent[name] = value;
    });
    const error = failureOf(() => parseHeader(utf8(text)));
    expect(error.code).toBe("headerInvalid");
    expect(error.message).toContain(`header.${path}: `);
  });

  it.each([
    ["cut", line.slice(0, -1)],
    ["followed by more", `${line}x`],
    ["with its format named twice", line.replace(/}$/, ',"format":"x"}')],
    ["nested deeply", `${HEADER_START}1,"x":${"[".repeat(15_000)}`],
  ])("%s is refused", (_, text) => {
    expect(failureOf(() => parseHeader(utf8(text))).code).toBe("headerInvalid");
  });

  it("that is no UTF-8 is refused", () => {
    const bytes = utf8(line.replace("carryover-test", "carryover-te~t"));
    bytes[bytes.indexOf("~".charCodeAt(0))] = 0xff;
    expect(failureOf(() => parseHeader(bytes)).code).toBe("headerInvalid");
  });

  it("that nobody could read is not written", () => {
    for (const change of [
      { inboxId: "0A".repeat(32) },
      { sequence: 0 },
      { refreshedAtNs: 1n },
      { environment: "somewhere else" },
    ])
      expect(failureOf(() => encode({ ...sampleHeader, ...change })).code).toBe(
        "headerInvalid",
      );
  });
});
