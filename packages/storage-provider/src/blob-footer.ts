import { createHash, timingSafeEqual } from "node:crypto";
import type { BlobRecord } from "./blob-store.js";

/**
 * Bytes that follow a file in its store. Size and digest of a stream are known only at its end, so they are written
 * there; file and facts then appear, and vanish, as one object.
 */
export const footerBytes = 128;

const magic = Buffer.from("CARRYBLB", "latin1");
const version = 1;
const checksumBytes = 8;

/**
 * Layout, numbers big-endian: 8 magic, 1 version, 1 state, 6 zero, 8 size, 8 created, 8 expires, 8 ticket expires (Unix
 * milliseconds), 32 SHA-256 of the file, 32 hash of the idempotency key, 8 zero, 8 checksum (of all before it).
 *
 * @param record what to write
 * @returns 128 bytes
 */
export function encodeFooter(record: BlobRecord): Buffer {
  const out = Buffer.alloc(footerBytes);
  magic.copy(out, 0);
  out.writeUInt8(version, 8);
  out.writeUInt8(record.state === "stored" ? 1 : 2, 9);
  out.writeBigUInt64BE(BigInt(record.ticketExpiresAtMs), 40);
  if (record.state === "stored") {
    out.writeBigUInt64BE(BigInt(record.size), 16);
    out.writeBigUInt64BE(BigInt(record.createdAtMs), 24);
    out.writeBigUInt64BE(BigInt(record.expiresAtMs), 32);
    out.set(record.sha256, 48);
    out.set(record.idempotencyKeyHash, 80);
  }
  checksum(out).copy(out, footerBytes - checksumBytes);
  return out;
}

/**
 * @param bytes the last 128 bytes of an object
 * @param objectBytes size of the whole object, footer included
 * @returns the record; `undefined` where these are not the bytes of a whole object of this version
 */
export function decodeFooter(
  bytes: Uint8Array,
  objectBytes: number,
): BlobRecord | undefined {
  if (bytes.byteLength !== footerBytes) return undefined;
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (
    !at.subarray(0, 8).equals(magic) ||
    at.readUInt8(8) !== version ||
    !timingSafeEqual(at.subarray(footerBytes - checksumBytes), checksum(at))
  ) {
    return undefined;
  }
  const state = at.readUInt8(9);
  const number = (offset: number) => Number(at.readBigUInt64BE(offset));
  if (state === 2 && objectBytes === footerBytes) {
    return { state: "withdrawn", ticketExpiresAtMs: number(40) };
  }
  if (state !== 1 || number(16) !== objectBytes - footerBytes) return undefined;
  return {
    state: "stored",
    size: number(16),
    createdAtMs: number(24),
    expiresAtMs: number(32),
    ticketExpiresAtMs: number(40),
    sha256: Uint8Array.from(at.subarray(48, 80)),
    idempotencyKeyHash: Uint8Array.from(at.subarray(80, 112)),
  };
}

/** @returns when the name of a record may be free again, in Unix milliseconds */
export function purgeableAtMs(record: BlobRecord): number {
  return record.state === "stored"
    ? Math.max(record.expiresAtMs, record.ticketExpiresAtMs)
    : record.ticketExpiresAtMs;
}

function checksum(footer: Buffer): Buffer {
  return createHash("sha256")
    .update(footer.subarray(0, footerBytes - checksumBytes))
    .digest()
    .subarray(0, checksumBytes);
}
