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
  /** The bytes of the first chunk that wait, without removing them. */
  front(): Uint8Array;
  /** Removes `count` bytes unseen, which must be waiting. */
  skip(count: number): void;
  /** The byte at `index`, which must be waiting. */
  at(index: number): number;
}

const empty = new Uint8Array(0);

/** An empty queue. */
export const createByteQueue = (): ByteQueue => {
  // The first chunk and how much of it is gone are apart from the rest: almost everything happens there.
  let first: Uint8Array = empty;
  let gone = 0;
  let rest: Uint8Array[] = [];
  let restStart = 0;
  let length = 0;

  const nextChunk = (): void => {
    first = rest[restStart] ?? empty;
    gone = 0;
    restStart += 1;
    // Forget consumed chunks now and then, so that removing one is O(1) on average.
    if (restStart >= rest.length) {
      rest = [];
      restStart = 0;
    } else if (restStart > 64 && restStart * 2 > rest.length) {
      rest = rest.slice(restStart);
      restStart = 0;
    }
  };
  const takeSome = (count: number): Uint8Array => {
    const end = Math.min(gone + count, first.length);
    const some = first.subarray(gone, end);
    length -= some.length;
    gone = end;
    if (gone === first.length) nextChunk();
    return some;
  };
  const check = (count: number): void => {
    if (count > length)
      throw new RangeError(`${count} bytes wanted, ${length} waiting`);
  };

  return {
    get length() {
      return length;
    },
    push(chunk) {
      if (chunk.length === 0) return;
      if (length === 0) {
        first = chunk;
        gone = 0;
      } else rest.push(chunk);
      length += chunk.length;
    },
    take(count) {
      check(count);
      if (count <= first.length - gone) return takeSome(count);
      const whole = new Uint8Array(count);
      for (let at = 0; at < count;) {
        const some = takeSome(count - at);
        whole.set(some, at);
        at += some.length;
      }
      return whole;
    },
    takeSome,
    front: () => first.subarray(gone),
    skip(count) {
      check(count);
      for (let left = count; left > 0;) {
        const here = Math.min(left, first.length - gone);
        gone += here;
        length -= here;
        left -= here;
        if (gone === first.length) nextChunk();
      }
    },
    at(index) {
      const byte = first[gone + index];
      if (byte !== undefined) return byte;
      let left = index - (first.length - gone);
      for (let i = restStart; i < rest.length; i += 1) {
        const chunk = rest[i] ?? empty;
        if (left < chunk.length) return chunk[left] ?? 0;
        left -= chunk.length;
      }
      throw new RangeError(`byte ${index} wanted, ${length} waiting`);
    },
  };
};
