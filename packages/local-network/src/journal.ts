import { type Record } from "./gen/carryover/local_network/v1/record_pb.js";

/** Where accepted records are kept beyond the life of the process. */
export interface Journal {
  /** Returns when the record is as durable as the journal promises. */
  append(record: Record): void;
  /** Replaces everything by these records, all or nothing. */
  rewrite(records: Iterable<Record>): void;
  close(): void;
}

/** Opens a journal: hands the records of earlier lives to `apply`, in order, and then takes new ones. */
export type OpenJournal = (apply: (record: Record) => void) => Journal;

/** Keeps nothing. */
export const openMemoryJournal: OpenJournal = () => ({
  append: () => undefined,
  rewrite: () => undefined,
  close: () => undefined,
});
