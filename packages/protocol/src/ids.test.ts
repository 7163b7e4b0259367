import { describe, expect, it } from "vitest";
import {
  createRequestId,
  installationIdFromBytes,
  installationIdToBytes,
  parseChannelId,
  parseInboxId,
  parseInstallationId,
  parseRequestId,
} from "./ids.js";
import { failureOf } from "./testing/samples.js";

const key = "0f".repeat(32);

describe.each([
  ["inbox id", parseInboxId, "inboxId"],
  ["installation id", parseInstallationId, "installationId"],
] as const)("%s", (_, parse, path) => {
  it("is 64 lower-case hex digits", () => {
    expect(parse(key)).toBe(key);
  });
  it.each([
    "",
    key.slice(1),
    `${key}0`,
    key.toUpperCase(),
    `0x${key.slice(2)}`,
    `${key.slice(1)}g`,
    `${key}\n`,
    ` ${key}`,
  ])("is not %j", (value) => {
    const error = failureOf(() => parse(value));
    expect(error.code).toBe("invalidField");
    expect(error.message).toMatch(new RegExp(`^${path}: not of the form `));
    expect(error.message).not.toContain(key.slice(0, 20));
  });
});

describe("channel id", () => {
  it.each([16, 32, 64])("is the hex of %i bytes", (bytes) => {
    expect(parseChannelId("c4".repeat(bytes))).toBe("c4".repeat(bytes));
  });
  it.each(["", "c4".repeat(15), "c4".repeat(65), `${"c4".repeat(16)}c`])(
    "is not %j",
    (value) => {
      expect(failureOf(() => parseChannelId(value)).code).toBe("invalidField");
    },
  );
});

describe("request id", () => {
  it.each(["a".repeat(16), "A-Z_0-9-".repeat(8)])("can be %s", (value) => {
    expect(parseRequestId(value)).toBe(value);
  });
  it("is made of 128 random bits, and is one that parses", () => {
    const asked: number[] = [];
    const id = createRequestId((length) => {
      asked.push(length);
      return new Uint8Array(length).fill(0x0b);
    });
    expect(asked).toEqual([16]);
    expect(id).toBe("0b".repeat(16));
    expect(parseRequestId(id)).toBe(id);
  });
});

describe("the bytes of an installation id", () => {
  it("are its public key", () => {
    const id = parseInstallationId(key);
    expect(installationIdToBytes(id)).toEqual(new Uint8Array(32).fill(0x0f));
    expect(installationIdFromBytes(installationIdToBytes(id))).toBe(id);
  });
  it.each([0, 31, 33])("are not %i", (length) => {
    expect(
      failureOf(() => installationIdFromBytes(new Uint8Array(length), "x.id"))
        .message,
    ).toBe(`x.id: expected 32 bytes, got ${length}`);
  });
});
