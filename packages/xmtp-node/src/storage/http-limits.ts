/** How long to wait, and how much to take from a storage service. */
export interface HttpLimits {
  /** For name, connection and handshake, milliseconds. */
  connectTimeoutMs: number;
  /** Longest silence while bytes should flow, milliseconds. */
  idleTimeoutMs: number;
  /** From the last byte of a request to its answer, milliseconds: a service makes a large file durable first. */
  answerTimeoutMs: number;
  /** How long to wait for leave to send a body; services that know nothing of this say nothing. Milliseconds. */
  continueTimeoutMs: number;
  /** All headers of one answer, bytes. */
  maxHeaderBytes: number;
  /** Answers that are read whole, bytes. */
  maxJsonBytes: number;
  /** Interim (1xx) answers before the real one. */
  maxInterimAnswers: number;
}

/** What suits a person's connection and a service under load. */
export const defaultHttpLimits: HttpLimits = {
  connectTimeoutMs: 20_000,
  idleTimeoutMs: 60_000,
  answerTimeoutMs: 180_000,
  continueTimeoutMs: 1_500,
  maxHeaderBytes: 16 * 1024,
  maxJsonBytes: 64 * 1024,
  maxInterimAnswers: 16,
};
