/** How long to wait, and how much to take from a storage service. */
export interface FetchLimits {
  /** From a request without a file to its answer, milliseconds. */
  answerTimeoutMs: number;
  /** Longest silence while a download should flow, milliseconds. */
  idleTimeoutMs: number;
  /** The slowest upload that is waited for, bytes a second: a page is not told how far an upload is. */
  slowestUploadBytesPerSecond: number;
  /** Answers that are read whole, bytes. */
  maxJsonBytes: number;
}

/** What suits a person's connection and a service under load. */
export const defaultFetchLimits: FetchLimits = {
  answerTimeoutMs: 180_000,
  idleTimeoutMs: 60_000,
  slowestUploadBytesPerSecond: 16 * 1024,
  maxJsonBytes: 64 * 1024,
};
