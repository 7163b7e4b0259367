import { crc32 } from "node:zlib";
import { LocalNetworkError } from "./errors.js";

// A journal is `magic`, then records. A record is
//   u32 LE length | u32 LE CRC-32 of those four bytes | u32 LE CRC-32 of the payload | payload
// The length has a checksum of its own, so that a damaged length is never taken for a record that was cut short.

/** First bytes of every journal. */
export const magic = Buffer.from("carryover local network journal 1\n");

/** A call carries 50 MiB at most, and a record is one part of a call. */
export const maxPayloadBytes = 64 * 1024 * 1024;

const headerBytes = 12;

/** A record as it is written. */
export function encodeRecord(payload: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(headerBytes + payload.length);
  record.writeUInt32LE(payload.length, 0);
  record.writeUInt32LE(crc32(record.subarray(0, 4)), 4);
  record.writeUInt32LE(crc32(payload), 8);
  record.set(payload, headerBytes);
  return record;
}

/** Bytes that can be read at any offset. */
export interface ByteSource {
  readonly size: number;
  /** The bytes are all there: `offset + length <= size`. */
  read(offset: number, length: number): Buffer;
}

/** What stands at an offset of a journal. */
export type ReadRecord =
  | { readonly kind: "record"; readonly payload: Buffer; readonly end: number }
  /** The last write did not finish: everything from the offset on is to be cut off. */
  | { readonly kind: "torn" }
  | { readonly kind: "end" };

/**
 * Reads the record at `offset`.
 *
 * @throws LocalNetworkError `corruptLog` when something that was written completely has changed since
 */
export function readRecord(journal: ByteSource, offset: number): ReadRecord {
  const remaining = journal.size - offset;
  if (remaining === 0) return { kind: "end" };
  if (remaining < headerBytes) return { kind: "torn" };
  const header = journal.read(offset, headerBytes);
  const length = header.readUInt32LE(0);
  if (
    header.readUInt32LE(4) !== crc32(header.subarray(0, 4)) ||
    length > maxPayloadBytes
  ) {
    // A file system may leave zeros where a power failure stopped a write.
    if (isZeroFrom(journal, offset)) return { kind: "torn" };
    throw corrupt(offset);
  }
  const end = offset + headerBytes + length;
  if (end > journal.size) return { kind: "torn" };
  const payload = journal.read(offset + headerBytes, length);
  if (header.readUInt32LE(8) !== crc32(payload)) {
    if (end === journal.size) return { kind: "torn" };
    throw corrupt(offset);
  }
  return { kind: "record", payload, end };
}

function isZeroFrom(journal: ByteSource, offset: number): boolean {
  const step = 64 * 1024;
  for (let at = offset; at < journal.size; at += step) {
    const bytes = journal.read(at, Math.min(step, journal.size - at));
    if (bytes.some((byte) => byte !== 0)) return false;
  }
  return true;
}

/** The error for a journal that is damaged at an offset. */
export function corrupt(offset: number, cause?: unknown): LocalNetworkError {
  return new LocalNetworkError(
    "corruptLog",
    `journal is damaged at offset ${offset}`,
    { cause },
  );
}
