import { concatBytes } from "./bytes.js";

/** Chunks in, exact numbers of bytes out. What is taken is a view of the chunk where it lies in one chunk. */
export interface ByteQueue {
  /** Bytes waiting. */
  readonly length: number;
  /** Adds a chunk at the end. The chunk is kept, not copied. */
  push(chunk: Uint8Array): void;
  /** Removes exactly `count` bytes, which must be waiting. */
  take(count: number): Uint8Array;
  /** Removes up to `count` bytes, at least one if any wait, never joining chunks. */
  takeSome(count: number): Uint8Array;
  /** The byte at `index`, which must be waiting. */
  at(index: number): number;
}

/** An empty queue. */
export const createByteQueue = (): ByteQueue => {
  let chunks: Uint8Array[] = [];
  let first = 0;
  let length = 0;

  const drop = (): void => {
    first += 1;
    // Forget consumed chunks now and then, so that removing one is O(1) on average.
    if (first > 32 && first * 2 > chunks.length) {
      chunks = chunks.slice(first);
      first = 0;
    }
  };
  const takeSome = (count: number): Uint8Array => {
    const chunk = chunks[first];
    if (chunk === undefined || count <= 0) return new Uint8Array(0);
    if (chunk.length <= count) {
      drop();
      length -= chunk.length;
      return chunk;
    }
    chunks[first] = chunk.subarray(count);
    length -= count;
    return chunk.subarray(0, count);
  };

  return {
    get length() {
      return length;
    },
    push(chunk) {
      if (chunk.length === 0) return;
      chunks.push(chunk);
      length += chunk.length;
    },
    take(count) {
      if (count > length)
        throw new RangeError(`${count} bytes wanted, ${length} waiting`);
      const pieces: Uint8Array[] = [];
      for (let missing = count; missing > 0;) {
        const piece = takeSome(missing);
        pieces.push(piece);
        missing -= piece.length;
      }
      return concatBytes(pieces);
    },
    takeSome,
    at(index) {
      let left = index;
      for (let i = first; i < chunks.length; i += 1) {
        const chunk = chunks[i];
        if (chunk === undefined) break;
        const byte = chunk[left];
        if (byte !== undefined) return byte;
        left -= chunk.length;
      }
      throw new RangeError(`byte ${index} wanted, ${length} waiting`);
    },
  };
};
