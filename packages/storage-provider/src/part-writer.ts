import { createHash } from "node:crypto";
import { createGatheredChunks } from "./gathered-chunks.js";
import type { S3Body, S3Client } from "./s3-client.js";

/** An object on its way into a bucket. */
export interface PartWriter {
  /** @returns a promise where the caller should wait; it rejects when a part could not be sent */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** Makes it one object. */
  finish(): Promise<void>;
  /** Removes what there is of it. */
  abort(): Promise<void>;
}

/**
 * Sends a small file as one object and a large one in parts, one of which is on its way while the next fills. Each is
 * hashed as it fills and sent from where it lies: nothing here takes longer the larger a part is.
 *
 * @param key of the object
 * @param partBytes size of every part but the last
 */
export function createPartWriter(
  client: S3Client,
  key: string,
  partBytes: number,
): PartWriter {
  const pending = createGatheredChunks();
  let hash = createHash("sha256");
  let uploadId: string | undefined;
  let finished = false;
  const tags: string[] = [];
  let inFlight: Promise<void> | undefined;

  const sendPart = async (body: S3Body) => {
    uploadId ??= await client.beginMultipart(key);
    tags.push(await client.putPart(key, uploadId, tags.length + 1, body));
  };
  const add = (chunk: Uint8Array) => {
    hash.update(chunk);
    pending.add(chunk);
  };
  const take = (): S3Body => {
    const body = { chunks: pending.take(), sha256: hash.digest("hex") };
    hash = createHash("sha256");
    return body;
  };
  return {
    write(chunk) {
      let rest = chunk;
      let wait: Promise<void> | undefined;
      while (pending.bytes + rest.byteLength >= partBytes) {
        const room = partBytes - pending.bytes;
        add(rest.subarray(0, room));
        rest = rest.subarray(room);
        wait = inFlight;
        const body = take();
        const next = (wait ?? Promise.resolve()).then(() => sendPart(body));
        inFlight = next;
        // Told where it is waited for; until then it must not count as unhandled.
        next.catch(() => undefined);
      }
      if (rest.byteLength > 0) add(rest);
      return wait;
    },
    async finish() {
      await inFlight;
      if (uploadId === undefined) {
        await client.put(key, take());
      } else {
        if (pending.bytes > 0) await sendPart(take());
        await client.completeMultipart(key, uploadId, tags);
      }
      finished = true;
    },
    async abort() {
      await inFlight?.catch(() => undefined);
      if (uploadId !== undefined && !finished) {
        await client.abortMultipart(key, uploadId);
      }
      if (uploadId === undefined || finished) await client.remove(key);
    },
  };
}
