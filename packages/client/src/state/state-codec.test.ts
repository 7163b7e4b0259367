import fc from "fast-check";
import { expect, test } from "vitest";
import { CarryoverError } from "../errors.js";
import { emptyState } from "./engine-state.js";
import { decodeState, encodeState } from "./state-codec.js";

const state = () => ({
  ...emptyState(),
  seenRequests: [
    {
      requestId: "r".repeat(16) as never,
      messageId: "m",
      forgetAtNs: 2n ** 62n,
    },
  ],
});

test("a state comes back as it was, 64-bit times included", () => {
  expect(decodeState(encodeState(state()))).toEqual(state());
});

test("bytes come back as bytes", () => {
  const withBytes = {
    ...state(),
    inbound: [
      { secrets: { responseEnvelope: Uint8Array.of(0, 127, 255) } },
    ] as never,
  };
  expect(decodeState(encodeState(withBytes))).toEqual(withBytes);
});

test("a state of another version is not taken for this one", () => {
  const newer = new TextEncoder().encode(
    JSON.stringify({ ...emptyState(), version: 2 }),
  );
  expect(() => decodeState(newer)).toThrow(
    expect.objectContaining({ code: "stateUnreadable" }),
  );
});

test("a state cut anywhere is unreadable, and nothing else", () => {
  const bytes = encodeState(state());
  for (let length = 0; length < bytes.length; length += 1)
    expect(() => decodeState(bytes.subarray(0, length))).toThrow(
      CarryoverError,
    );
});

test("arbitrary bytes give no other error than stateUnreadable", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(() => decodeState(bytes)).toThrow(
        expect.objectContaining({ code: "stateUnreadable" }),
      );
    }),
  );
});

test("security rule 8: what cannot be read is not quoted: it holds keys", () => {
  const broken = new TextEncoder().encode('{"secrets":"AGE-SECRET-KEY-1QQ');
  try {
    decodeState(broken);
  } catch (error) {
    if (!(error instanceof CarryoverError)) throw error;
    expect(error.cause).toBeUndefined();
    expect(`${error.message}${error.stack}`).not.toContain("SECRET");
    return;
  }
  throw new Error("expected a CarryoverError");
});
