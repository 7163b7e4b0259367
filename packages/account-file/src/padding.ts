import {
  AGE_CHUNK_BYTES,
  createByteQueue,
  equalBytes,
} from "@carryover/backup-file/layers";
import { AccountFileError } from "./errors.js";

/**
 * A file's payload fills whole chunks of age. So any file whose last chunk is not full was cut, which age alone cannot
 * tell from a changed byte, and its size says no more of the database than its number of chunks.
 *
 * What fills it is a second, empty gzip member (RFC 1952) with a comment as long as needed: whatever expands gzip gets
 * the database alone.
 */
const HEADER = Uint8Array.of(0x1f, 0x8b, 8, 16, 0, 0, 0, 0, 0, 255);
const SIZE_DIGITS = 8;
/** The comment's terminator, deflate of nothing, CRC-32 and length of nothing. */
const END = Uint8Array.of(0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0);
const MIN_BYTES = HEADER.length + SIZE_DIGITS + END.length;
const MAX_BYTES = MIN_BYTES + AGE_CHUNK_BYTES - 1;

/** An empty gzip member of that many bytes. Its comment is dots, and its size in the last eight digits. */
const emptyMember = (bytes: number): Uint8Array => {
  const member = new Uint8Array(bytes).fill(".".charCodeAt(0));
  member.set(HEADER);
  const size = bytes.toString().padStart(SIZE_DIGITS, "0");
  member.set(new TextEncoder().encode(size), bytes - END.length - SIZE_DIGITS);
  member.set(END, bytes - END.length);
  return member;
};

/** What fills a payload of that many bytes up to whole chunks. */
export const paddingFor = (payloadBytes: number): Uint8Array => {
  const over = (payloadBytes + MIN_BYTES) % AGE_CHUNK_BYTES;
  return emptyMember(MIN_BYTES + ((AGE_CHUNK_BYTES - over) % AGE_CHUNK_BYTES));
};

const invalid = (message: string): AccountFileError =>
  new AccountFileError("compressionInvalid", message);

/**
 * Hands on a payload without its padding.
 *
 * @param bytesBefore bytes of the payload that went before, the header's
 * @throws AccountFileError `compressionInvalid` when the padding is not exactly as it must be
 */
export async function* withoutPadding(
  pieces: AsyncIterable<Uint8Array>,
  bytesBefore: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  const queue = createByteQueue();
  let payloadBytes = bytesBefore;
  for await (const piece of pieces) {
    payloadBytes += piece.length;
    queue.push(piece);
    while (queue.length > MAX_BYTES)
      yield queue.takeSome(queue.length - MAX_BYTES);
  }
  const tail = queue.take(queue.length);
  const digitsAt = tail.length - END.length - SIZE_DIGITS;
  const digits = new TextDecoder().decode(
    tail.subarray(Math.max(0, digitsAt), Math.max(0, digitsAt + SIZE_DIGITS)),
  );
  const bytes = /^[0-9]{8}$/.test(digits) ? Number(digits) : 0;
  const at = tail.length - bytes;
  if (
    bytes < MIN_BYTES ||
    bytes > MAX_BYTES ||
    at < 0 ||
    payloadBytes % AGE_CHUNK_BYTES !== 0 ||
    !equalBytes(tail.subarray(at), emptyMember(bytes))
  )
    throw invalid("the padding at the end is missing or malformed");
  if (at > 0) yield tail.subarray(0, at);
}
