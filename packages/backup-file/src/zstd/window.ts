import { zstdInvalid } from "./invalid.js";

/** Output of a frame: what was written last, as far back as its window reaches. */
export interface ZstdWindow {
  /** Begins a block; it may write `maxBytes` at most. */
  begin(maxBytes: number): void;
  /** Appends bytes. @throws BackupFileError `zstdInvalid` when the block grows too large */
  write(bytes: Uint8Array): void;
  /** Appends one byte again and again. */
  fill(byte: number, count: number): void;
  /** Appends `length` bytes from `offset` bytes back; they may overlap. */
  copy(offset: number, length: number): void;
  /** What was written since `begin`, as a copy. */
  end(): Uint8Array;
}

/** An empty window. @param windowBytes how far back a copy may reach */
export const createZstdWindow = (windowBytes: number): ZstdWindow => {
  // Twice the window, so that moving it to the front happens once a window of output. Grown as output comes: a frame
  // that only declares a large window costs nothing.
  const capacity = windowBytes * 2 + 256 * 1024;
  let buffer = new Uint8Array(Math.min(capacity, 256 * 1024));
  let at = 0;
  let blockStart = 0;
  let limit = 0;

  const room = (count: number): void => {
    if (at + count > limit) throw zstdInvalid("a block expands too far");
  };
  return {
    begin(maxBytes) {
      if (at + maxBytes > buffer.length) {
        if (buffer.length < capacity) {
          const grown = new Uint8Array(
            Math.min(capacity, Math.max(buffer.length * 2, at + maxBytes)),
          );
          grown.set(buffer.subarray(0, at));
          buffer = grown;
        }
        if (at + maxBytes > buffer.length) {
          buffer.copyWithin(0, at - windowBytes, at);
          at = windowBytes;
        }
      }
      blockStart = at;
      limit = at + maxBytes;
    },
    write(bytes) {
      room(bytes.length);
      buffer.set(bytes, at);
      at += bytes.length;
    },
    fill(byte, count) {
      room(count);
      buffer.fill(byte, at, at + count);
      at += count;
    },
    copy(offset, length) {
      room(length);
      if (offset > at || offset > windowBytes)
        throw zstdInvalid("a match reaches too far back");
      let from = at - offset;
      if (offset >= length) {
        buffer.copyWithin(at, from, from + length);
        at += length;
        return;
      }
      for (let i = 0; i < length; i += 1) {
        buffer[at] = buffer[from] ?? 0;
        at += 1;
        from += 1;
      }
    },
    end: () => buffer.slice(blockStart, at),
  };
};
