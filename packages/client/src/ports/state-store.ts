/**
 * One small record, Carryover's own: requests, statuses, ephemeral keys, roles. It is encrypted at rest and belongs to
 * one process at a time.
 */
export interface StateStore {
  /**
   * @returns what was saved last, or `undefined` at first
   * @throws {CarryoverError} `stateUnreadable`
   */
  load(): Promise<Uint8Array | undefined>;
  /**
   * Replaces the record. When it resolves the new one survives a crash; when the process dies before, the old or the new
   * one is there, whole.
   *
   * @throws {CarryoverError} `diskError`
   */
  save(record: Uint8Array): Promise<void>;
  /** Lets another process have it. */
  close(): Promise<void>;
}
