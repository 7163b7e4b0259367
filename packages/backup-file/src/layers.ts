/**
 * The layers under a Message Backup File (bytes, age, gzip), for the other file format of this repository. They throw
 * {@link BackupFileError}; no app needs them.
 *
 * @packageDocumentation
 */
export { createByteQueue, type ByteQueue } from "./bytes/byte-queue.js";
export { concatBytes, equalBytes } from "./bytes/bytes.js";
export { chunksOf, streamOf, throwIfAborted } from "./bytes/streams.js";
export {
  createAgeDecrypter,
  createAgeHeader,
  createHeaderScanner,
  openAgeHeader,
} from "./age/header.js";
export {
  AGE_CHUNK_BYTES,
  AGE_NONCE_BYTES,
  openAgePayload,
  sealAgePayload,
} from "./age/payload.js";
export { gunzip } from "./gzip/gunzip.js";
