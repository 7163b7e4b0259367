import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { lockDirectory } from "./directory-lock.js";
import { LocalNetworkError } from "./errors.js";
import {
  type Record,
  RecordSchema,
} from "./gen/carryover/local_network/v1/record_pb.js";
import { type Journal } from "./journal.js";
import {
  type ByteSource,
  corrupt,
  encodeRecord,
  magic,
  readRecord,
} from "./journal-format.js";

/**
 * When a record is forced to the disk. `onClose` survives the death of the process at any moment; `always` survives
 * the death of the machine too, at the price of one flush a record.
 */
export type FsyncPolicy = "always" | "onClose";

/**
 * Opens, or creates, the journal in a directory. A last record that was cut short is dropped.
 *
 * @throws LocalNetworkError `directoryInUse`, `corruptLog`, `storageFailed`
 */
export function openFileJournal(
  directory: string,
  fsync: FsyncPolicy,
  apply: (record: Record) => void,
): Journal {
  return storing("open the journal", () => {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const unlock = lockDirectory(directory);
    try {
      return openLocked(directory, fsync, apply, unlock);
    } catch (error) {
      unlock();
      throw error;
    }
  });
}

function openLocked(
  directory: string,
  fsync: FsyncPolicy,
  apply: (record: Record) => void,
  unlock: () => void,
): Journal {
  const path = join(directory, "journal");
  const newPath = join(directory, "journal.new");
  // Left by a process that died while it rewrote the journal.
  rmSync(newPath, { force: true });
  let file = openSync(path, "a+", 0o600);
  let size: number;
  try {
    size = replay(file, apply);
    ftruncateSync(file, size);
    if (size === 0) {
      writeFully(file, magic);
      size = magic.length;
    }
  } catch (error) {
    closeSync(file);
    throw error;
  }
  let isBroken = false;

  return {
    append: (record) =>
      storing("write to the journal", () => {
        if (isBroken) throw new Error("an earlier write could not be undone");
        const bytes = encodeRecord(toBinary(RecordSchema, record));
        try {
          writeFully(file, bytes);
          if (fsync === "always") fdatasyncSync(file);
        } catch (error) {
          // Half a record must not stay in front of the next one.
          isBroken = true;
          ftruncateSync(file, size);
          isBroken = false;
          throw error;
        }
        size += bytes.length;
      }),
    rewrite: (records) =>
      storing("rewrite the journal", () => {
        const written = writeNew(newPath, records);
        try {
          renameSync(newPath, path);
        } catch (error) {
          closeSync(written.file);
          throw error;
        }
        closeSync(file);
        ({ file, size } = written);
        isBroken = false;
        syncDirectory(directory);
      }),
    close: () =>
      storing("close the journal", () => {
        try {
          fsyncSync(file);
          closeSync(file);
        } finally {
          unlock();
        }
      }),
  };
}

/** Returns where the next record belongs: 0 when there is not even a beginning. */
function replay(file: number, apply: (record: Record) => void): number {
  const source: ByteSource = {
    size: fstatSync(file).size,
    read: (offset, length) => {
      const bytes = Buffer.allocUnsafeSlow(length);
      let done = 0;
      while (done < length) {
        const count = readSync(file, bytes, done, length - done, offset + done);
        if (count === 0) throw corrupt(offset + done);
        done += count;
      }
      return bytes;
    },
  };
  const beginning = source.read(0, Math.min(source.size, magic.length));
  if (!magic.subarray(0, beginning.length).equals(beginning)) throw corrupt(0);
  // The process that made the file died before the first few bytes were out.
  if (beginning.length < magic.length) return 0;
  let end = magic.length;
  for (;;) {
    const read = readRecord(source, end);
    if (read.kind !== "record") return end;
    apply(decode(read.payload, end));
    end = read.end;
  }
}

function decode(payload: Uint8Array, offset: number): Record {
  try {
    return fromBinary(RecordSchema, payload);
  } catch (cause) {
    throw corrupt(offset, cause);
  }
}

function writeNew(
  path: string,
  records: Iterable<Record>,
): { file: number; size: number } {
  const file = openSync(path, "a+", 0o600);
  try {
    ftruncateSync(file, 0);
    let size = writeFully(file, magic);
    for (const record of records)
      size += writeFully(file, encodeRecord(toBinary(RecordSchema, record)));
    fsyncSync(file);
    return { file, size };
  } catch (error) {
    closeSync(file);
    rmSync(path, { force: true });
    throw error;
  }
}

function writeFully(file: number, bytes: Uint8Array): number {
  let written = 0;
  while (written < bytes.length)
    written += writeSync(file, bytes, written, bytes.length - written);
  return written;
}

/** Makes a rename last; not every platform can. */
function syncDirectory(directory: string): void {
  if (process.platform === "win32") return;
  const handle = openSync(directory, "r");
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function storing<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    if (cause instanceof LocalNetworkError) throw cause;
    throw new LocalNetworkError("storageFailed", `could not ${what}`, {
      cause,
    });
  }
}
