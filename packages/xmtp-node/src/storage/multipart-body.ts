import { randomBytes } from "node:crypto";
import { createMultipartFrame } from "@carryover/xmtp-shared";
import type { BodySource } from "./http-exchange.js";
import { stopped } from "./storage-errors.js";

/** A `multipart/form-data` body with one file in it. */
export interface MultipartBody {
  readonly contentType: string;
  readonly source: BodySource;
  /** Whether some of the file has left. Before that the source can be used once more. */
  hasStarted(): boolean;
  /** Lets go of the file when its source is not used. */
  cancel(reason: unknown): Promise<void>;
}

/**
 * Wraps a stream as one file. Its first bytes are waited for here, so that no connection waits for them; then it is read
 * at the connection's pace, and cancelled when it is not wanted any more.
 *
 * @param onProgress - is told how many bytes of the file have left
 */
export async function openMultipartBody(
  file: ReadableStream<Uint8Array>,
  onProgress: (sentBytes: number) => void,
  signal?: AbortSignal,
): Promise<MultipartBody> {
  const { contentType, head, tail } = createFrame();
  const reader = file.getReader();
  let next = await readFirst(reader, signal);
  let started = false;
  const cancel = (reason: unknown) =>
    reader.cancel(reason).catch(() => undefined);
  return {
    contentType,
    cancel,
    hasStarted: () => started,
    source: async (write) => {
      let sentBytes = 0;
      if (!(await write(Buffer.from(head)))) return "notWanted";
      started = true;
      while (!next.done) {
        const chunk = next.value;
        if (chunk.length > 0 && !(await write(chunk))) return "notWanted";
        sentBytes += chunk.length;
        onProgress(sentBytes);
        next = await reader.read();
      }
      return (await write(Buffer.from(tail))) ? "complete" : "notWanted";
    },
  };
}

/** An export can take minutes before it gives its first bytes. */
async function readFirst(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  signal: AbortSignal | undefined,
): ReturnType<ReadableStreamDefaultReader<Uint8Array>["read"]> {
  const stop = () => {
    // The pending read ends with that, and what the stream says of it is no news.
    reader.cancel(signal?.reason).catch(() => undefined);
  };
  if (signal?.aborted === true) stop();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    const first = await reader.read();
    if (signal?.aborted === true) throw stopped(signal);
    return first;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

/** A body with no file in it: asks what became of an upload without making one. */
export function createEmptyMultipart(): {
  contentType: string;
  bytes: Uint8Array;
} {
  const { contentType, empty } = createFrame();
  return { contentType, bytes: Buffer.from(empty) };
}

const createFrame = () =>
  createMultipartFrame(`carryover-${randomBytes(18).toString("hex")}`);
