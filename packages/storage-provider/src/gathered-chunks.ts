/** Chunks that are kept until they go on together. */
export interface GatheredChunks {
  /** Bytes kept. */
  readonly bytes: number;
  /** Keeps a chunk, which must not change any more. */
  add(chunk: Uint8Array): void;
  /** @returns all of them, in order, and begins anew */
  take(): readonly Uint8Array[];
}

/** A chunk costs a few hundred bytes beside its own: where it has fewer than this, they are copied. */
const smallBytes = 2_048;
const pageBytes = 16 * 1024;

/** Keeps chunks in about as much memory as they have bytes, though a client send each byte by itself. */
export function createGatheredChunks(): GatheredChunks {
  let chunks: Uint8Array[] = [];
  let bytes = 0;
  let page = new Uint8Array(0);
  let pageUsed = 0;
  /** Where the last chunk begins in the page; `undefined` where it lies elsewhere. */
  let lastFrom: number | undefined;

  const copy = (chunk: Uint8Array) => {
    if (pageUsed + chunk.byteLength > page.byteLength) {
      page = new Uint8Array(pageBytes);
      pageUsed = 0;
      lastFrom = undefined;
    }
    if (lastFrom === undefined) lastFrom = pageUsed;
    else chunks.pop();
    page.set(chunk, pageUsed);
    pageUsed += chunk.byteLength;
    chunks.push(page.subarray(lastFrom, pageUsed));
  };
  return {
    get bytes() {
      return bytes;
    },
    add(chunk) {
      bytes += chunk.byteLength;
      if (chunk.byteLength < smallBytes) {
        copy(chunk);
      } else {
        chunks.push(chunk);
        lastFrom = undefined;
      }
    },
    take() {
      const all = chunks;
      chunks = [];
      bytes = 0;
      // What was taken may still be on its way.
      page = new Uint8Array(0);
      pageUsed = 0;
      lastFrom = undefined;
      return all;
    },
  };
}
