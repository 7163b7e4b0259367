/** Zstandard's limit for one block. */
const BLOCK_BYTES = 128 * 1024;
/** Log 17: a window of 128 KiB, the smallest in which blocks of 128 KiB are allowed (RFC 8878 §3.1.1.1.2). */
const WINDOW_DESCRIPTOR = (17 - 10) << 3;

/** Magic number, a descriptor of "no size, no checksum, no dictionary", and the window. */
export const zstdFrameStart = (): Uint8Array =>
  Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0, WINDOW_DESCRIPTOR);

/** A stored ("raw") block: ciphertext does not compress. */
export const zstdStoredBlock = (
  pieces: readonly Uint8Array[],
  length: number,
  position: "last" | "notLast",
): Uint8Array => {
  if (length > BLOCK_BYTES) throw new RangeError("a block is too large");
  const block = new Uint8Array(3 + length);
  const header = (length << 3) | (position === "last" ? 1 : 0);
  block[0] = header & 255;
  block[1] = (header >>> 8) & 255;
  block[2] = header >>> 16;
  let at = 3;
  for (const piece of pieces) {
    block.set(piece, at);
    at += piece.length;
  }
  return block;
};

/** One zstd frame of stored blocks around any bytes. */
export async function* zstdStore(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield zstdFrameStart();
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (let piece of source) {
    while (length + piece.length >= BLOCK_BYTES) {
      const head = piece.subarray(0, BLOCK_BYTES - length);
      pieces.push(head);
      yield zstdStoredBlock(pieces, BLOCK_BYTES, "notLast");
      piece = piece.subarray(head.length);
      pieces = [];
      length = 0;
    }
    if (piece.length === 0) continue;
    pieces.push(piece);
    length += piece.length;
  }
  yield zstdStoredBlock(pieces, length, "last");
}
