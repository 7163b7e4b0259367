import type { Aead } from "@carryover/backup-file";
import { BackupFileError } from "@carryover/backup-file";
import { AGE_CHUNK_BYTES, openAgePayload } from "@carryover/backup-file/layers";
import { AccountFileError } from "./errors.js";

const SEALED_CHUNK_BYTES = AGE_CHUNK_BYTES + 16;

/**
 * Decrypts a payload of whole chunks, that follows its nonce.
 *
 * @throws AccountFileError `truncated` for an end within a chunk; what `openAgePayload` and `sealed` throw
 */
export async function* openWholeChunks(
  sealed: AsyncIterable<Uint8Array>,
  fileKey: Uint8Array,
  nonce: Uint8Array,
  cipher: Aead,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  let ended = false;
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const piece of sealed) {
      bytes += piece.length;
      yield piece;
    }
    ended = true;
  }
  try {
    yield* openAgePayload(counted(), fileKey, nonce, cipher);
  } catch (error) {
    if (
      error instanceof BackupFileError &&
      error.code === "fileAltered" &&
      ended &&
      bytes % SEALED_CHUNK_BYTES !== 0
    )
      throw new AccountFileError("truncated", "the file ends within a chunk");
    throw error;
  }
}
