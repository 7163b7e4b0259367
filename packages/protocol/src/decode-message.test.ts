import { describe, expect, it } from "vitest";
import { maxBackupMessageBytes } from "./content-type.js";
import { decodeMessage } from "./decode-message.js";
import { parseEnvelope } from "./envelope.js";
import { PadlockEnvelopeSchema } from "./gen/xip31/v1/xip31_pb.js";
import { parseResponse } from "./message-history-backup-response.js";
import { parsePadlockMessagePayload } from "./padlock-message-payload.js";
import { failureOf } from "./testing/samples.js";
import {
  bytesField,
  concat,
  tag,
  varint,
  varintField,
} from "./testing/wire-bytes.js";

const decode = (bytes: Uint8Array) =>
  decodeMessage(PadlockEnvelopeSchema, bytes, "envelope");

it("shares no memory with what came in, and makes no Buffer of it", () => {
  const input = Buffer.from(bytesField(16, Uint8Array.of(7, 7)));
  const { payload } = decode(input);
  input.fill(0);
  expect(payload).toStrictEqual(Uint8Array.of(7, 7));
  expect(payload.buffer).not.toBe(input.buffer);
});

it("refuses one byte over 64 KiB before it looks at any", () => {
  const full = bytesField(99, new Uint8Array(maxBackupMessageBytes - 5));
  expect(full.length).toBe(maxBackupMessageBytes);
  expect(decode(full).$unknown?.map(({ no }) => no)).toEqual([99]);

  const over = new Uint8Array(maxBackupMessageBytes + 1).fill(0xff);
  const error = failureOf(() => decode(over));
  expect(error.code).toBe("tooLarge");
  expect(error.message).toBe("envelope: 65537 bytes, at most 65536 allowed");
});

/** What costs a naive reader the most, as large as a message may be. */
const floods: Record<string, (bytes: number) => Uint8Array> = {
  "start-group tags": (bytes) => new Uint8Array(bytes).fill(0x0b),
  "start-group tags of an unknown field": (bytes) => flood(tag(99, 3), bytes),
  "groups that are closed again": (bytes) =>
    concat(flood(tag(99, 3), bytes / 2), flood(tag(99, 4), bytes / 2)),
  "a varint that never ends": (bytes) => new Uint8Array(bytes).fill(0x80),
  "unknown fields": (bytes) => flood(varintField(99, 0), bytes),
  "empty unknown bytes": (bytes) =>
    flood(bytesField(99, new Uint8Array()), bytes),
  "messages within unknown messages": (bytes) => {
    const headers: Uint8Array[] = [];
    let length = 0;
    for (;;) {
      const header = concat(tag(99, 2), varint(length));
      if (length + header.length > bytes) return concat(...headers.reverse());
      headers.push(header);
      length += header.length;
    }
  },
  "scopes within scopes": (bytes) => flood(tag(21, 2), bytes),
  "a packed list": (bytes) =>
    concat(
      tag(22, 2),
      Uint8Array.of(0x80, 0x80, 0x03),
      new Uint8Array(bytes - 5),
    ),
  zeros: (bytes) => new Uint8Array(bytes),
};

function flood(unit: Uint8Array, bytes: number): Uint8Array {
  const filled = new Uint8Array(Math.floor(bytes / unit.length) * unit.length);
  for (let at = 0; at < filled.length; at += unit.length) filled.set(unit, at);
  return filled;
}

const readers: Record<string, (bytes: Uint8Array) => unknown> = {
  envelope: parseEnvelope,
  payload: parsePadlockMessagePayload,
  "request inside a payload": (bytes) =>
    parsePadlockMessagePayload(bytesField(3, bytes)),
  "response inside a payload": (bytes) =>
    parsePadlockMessagePayload(bytesField(4, bytes)),
  "unknown field inside a payload": (bytes) =>
    parsePadlockMessagePayload(bytesField(99, bytes)),
  "response that was sealed": parseResponse,
  "encryption parameters of a sealed response": (bytes) =>
    parseResponse(bytesField(3, bytes)),
};

describe.each(Object.entries(floods))("64 KiB of %s", (_, make) => {
  it.each(Object.entries(readers))(
    "end in a typed error at once, as %s",
    (_, read) => {
      const bytes = make(maxBackupMessageBytes - 8);
      const startMs = performance.now();
      const error = failureOf(() => read(bytes));
      // Many times what it takes; quadratic work would show.
      expect(performance.now() - startMs).toBeLessThan(1_000);
      expect(error.code).not.toBe("tooLarge");
      expect(error.cause).toBeUndefined();
    },
  );
});
