import { createByteQueue } from "../bytes/byte-queue.js";
import { BackupFileError } from "../errors.js";
import type { Aead } from "../ports/ports.js";
import { payloadKey } from "./header.js";

/** Plaintext bytes in one chunk of an age payload. */
export const AGE_CHUNK_BYTES = 64 * 1024;
/** Random bytes before the first chunk. */
export const AGE_NONCE_BYTES = 16;
const TAG_BYTES = 16;
const SEALED_CHUNK_BYTES = AGE_CHUNK_BYTES + TAG_BYTES;

/** 11 bytes big-endian counter, one byte "this is the last chunk" (age v1, "Payload"). */
const createChunkNonce = () => {
  const nonce = new Uint8Array(12);
  return {
    bytes(position: "last" | "notLast"): Uint8Array {
      nonce[11] = position === "last" ? 1 : 0;
      return nonce;
    },
    next(): void {
      for (let i = 10; i >= 0; i -= 1) {
        const value = ((nonce[i] ?? 0) + 1) & 255;
        nonce[i] = value;
        if (value !== 0) return;
      }
    },
  };
};

/** Encrypts an age payload: the nonce, then chunks of 64 KiB, the last one marked. */
export async function* sealAgePayload(
  plaintext: AsyncIterable<Uint8Array>,
  fileKey: Uint8Array,
  payloadNonce: Uint8Array,
  cipher: Aead,
): AsyncGenerator<Uint8Array, void, undefined> {
  const key = payloadKey(fileKey, payloadNonce);
  const nonce = createChunkNonce();
  const queue = createByteQueue();
  yield payloadNonce;
  for await (const piece of plaintext) {
    queue.push(piece);
    // A full chunk is kept back until more follows: it may be the last.
    while (queue.length > AGE_CHUNK_BYTES) {
      yield cipher.seal(
        key,
        nonce.bytes("notLast"),
        queue.take(AGE_CHUNK_BYTES),
      );
      nonce.next();
    }
  }
  yield cipher.seal(key, nonce.bytes("last"), queue.take(queue.length));
}

/**
 * Decrypts an age payload that follows its nonce. Nothing is yielded before its chunk is authenticated; that the
 * payload is whole is known only when the iteration ends.
 *
 * @throws BackupFileError `fileTruncated`, `fileAltered`, or what `sealed` throws
 */
export async function* openAgePayload(
  sealed: AsyncIterable<Uint8Array>,
  fileKey: Uint8Array,
  payloadNonce: Uint8Array,
  cipher: Aead,
): AsyncGenerator<Uint8Array, void, undefined> {
  const key = payloadKey(fileKey, payloadNonce);
  const nonce = createChunkNonce();
  const queue = createByteQueue();
  let index = 0;
  for await (const piece of sealed) {
    queue.push(piece);
    while (queue.length > SEALED_CHUNK_BYTES) {
      const chunk = queue.take(SEALED_CHUNK_BYTES);
      const plain = cipher.open(key, nonce.bytes("notLast"), chunk);
      if (plain === undefined) {
        const early = cipher.open(key, nonce.bytes("last"), chunk);
        throw early === undefined
          ? new BackupFileError(
              "fileAltered",
              `chunk ${index} is not authentic`,
            )
          : new BackupFileError(
              "trailingData",
              `bytes follow the last chunk, which is chunk ${index}`,
            );
      }
      yield plain;
      nonce.next();
      index += 1;
    }
  }
  const chunk = queue.take(queue.length);
  if (chunk.length < TAG_BYTES)
    throw new BackupFileError("fileTruncated", `chunk ${index} is missing`);
  const last = cipher.open(key, nonce.bytes("last"), chunk);
  if (last === undefined) {
    if (cipher.open(key, nonce.bytes("notLast"), chunk) !== undefined)
      throw new BackupFileError(
        "fileTruncated",
        `the file ends after chunk ${index}, which is not the last`,
      );
    throw new BackupFileError(
      "fileAltered",
      `the last chunk, ${index}, is cut or not authentic`,
    );
  }
  if (last.length === 0 && index > 0)
    throw new BackupFileError("fileAltered", "the last chunk is empty");
  if (last.length > 0) yield last;
}
