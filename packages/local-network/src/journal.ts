import { type Record } from "./gen/carryover/local_network/v1/record_pb.js";

/** Where accepted records are kept beyond the life of the process. */
export interface Journal {
  /** Records of an earlier life, in order. */
  readonly stored: Iterable<Record>;
  /** Returns when the record is as durable as the journal promises. */
  append(record: Record): void;
  /** Replaces everything by these records, all or nothing. */
  rewrite(records: Iterable<Record>): void;
  close(): void;
}

/** Keeps nothing. */
export const memoryJournal: Journal = {
  stored: [],
  append: () => undefined,
  rewrite: () => undefined,
  close: () => undefined,
};
