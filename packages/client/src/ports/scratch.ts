/** Private temporary files. Names are of the form `[a-z0-9-]{1,80}`. */
export interface Scratch {
  /** Bytes of a file, or `undefined` when there is none. */
  size(name: string): Promise<number | undefined>;
  /** Appends to a file, and makes it when there is none. Closing the stream makes the bytes durable. */
  append(name: string): Promise<WritableStream<Uint8Array>>;
  /**
   * @throws {CarryoverError} `diskError` when there is none
   */
  read(name: string): Promise<ReadableStream<Uint8Array>>;
  /** Deletes a file; nothing happens when there is none. */
  delete(name: string): Promise<void>;
  /** Deletes everything but these: what a crash left. */
  sweep(keep: readonly string[]): Promise<void>;
}
