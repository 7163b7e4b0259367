import { create } from "@bufbuild/protobuf";
import {
  existsSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LocalNetworkError } from "./errors.js";
import { type FsyncPolicy, openFileJournal } from "./file-journal.js";
import { temporaryDirectory } from "./fixtures/temporary-directory.js";
import {
  type Record,
  RecordSchema,
} from "./gen/carryover/local_network/v1/record_pb.js";

const record = (text: string): Record =>
  create(RecordSchema, {
    kind: {
      case: "keyPackage",
      value: { keyPackage: Buffer.from(text), createdNs: 1n },
    },
  });

const textOf = ({ kind }: Record): string =>
  kind.case === "keyPackage"
    ? Buffer.from(kind.value.keyPackage).toString()
    : "?";

function open(directory: string, fsync: FsyncPolicy = "onClose") {
  const stored: string[] = [];
  const journal = openFileJournal(directory, fsync, (each) =>
    stored.push(textOf(each)),
  );
  return { ...journal, stored };
}

function write(directory: string, ...texts: string[]): Buffer {
  const journal = open(directory);
  texts.forEach((text) => journal.append(record(text)));
  journal.close();
  return readFileSync(join(directory, "journal"));
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof LocalNetworkError) return error.code;
    throw error;
  }
  return "opened";
}

test.each<FsyncPolicy>(["always", "onClose"])(
  "records are found again, in order, with fsync %s",
  (fsync) => {
    const directory = temporaryDirectory();
    const first = open(directory, fsync);
    first.append(record("one"));
    first.append(record("two"));
    first.close();
    const second = open(directory, fsync);
    expect(second.stored).toEqual(["one", "two"]);
    second.append(record("three"));
    second.close();
    expect(open(directory, fsync).stored).toEqual(["one", "two", "three"]);
  },
);

test("only the owner can read what is stored", () => {
  const directory = join(temporaryDirectory(), "made", "here");
  write(directory, "one");
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(directory, "journal")).mode & 0o777).toBe(0o600);
});

test("a last record that was cut at any byte is dropped, and writing goes on after the one before", () => {
  const directory = temporaryDirectory();
  const path = join(directory, "journal");
  const withOne = write(directory, "one").length;
  const whole = write(directory, "the last record");
  for (let length = withOne; length < whole.length; length += 1) {
    writeFileSync(path, whole.subarray(0, length));
    const journal = open(directory);
    expect(journal.stored, `cut to ${length}`).toEqual(["one"]);
    journal.append(record("next"));
    journal.close();
    const again = open(directory);
    expect(again.stored, `cut to ${length}`).toEqual(["one", "next"]);
    again.close();
  }
});

test("a journal that was cut before its first record is empty", () => {
  const directory = temporaryDirectory();
  const path = join(directory, "journal");
  const empty = write(directory);
  for (let length = 0; length < empty.length; length += 1) {
    truncateSync(path, length);
    expect(write(directory).equals(empty), `cut to ${length}`).toBe(true);
  }
});

test("zeros that a power failure left at the end are dropped", () => {
  const directory = temporaryDirectory();
  const whole = write(directory, "one");
  writeFileSync(
    join(directory, "journal"),
    Buffer.concat([whole, Buffer.alloc(100_000)]),
  );
  expect(open(directory).stored).toEqual(["one"]);
});

test("a byte that changed anywhere but in the last record's content is damage, not a cut", () => {
  const directory = temporaryDirectory();
  const path = join(directory, "journal");
  const withOne = write(directory, "one").length;
  const whole = write(directory, "two");
  for (let at = 0; at < withOne + 8; at += 1) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    writeFileSync(path, changed);
    expect(
      codeOf(() => open(directory)),
      `byte ${at}`,
    ).toBe("corruptLog");
    expect(readFileSync(path).equals(changed), `byte ${at}`).toBe(true);
  }
});

test("rewriting replaces everything, and writing goes on behind it", () => {
  const directory = temporaryDirectory();
  const journal = open(directory);
  ["one", "two", "three"].forEach((text) => journal.append(record(text)));
  journal.rewrite([record("only")]);
  journal.append(record("after"));
  journal.close();
  expect(open(directory).stored).toEqual(["only", "after"]);
});

test("a rewrite that fails half-way changes nothing", () => {
  const directory = temporaryDirectory();
  const journal = open(directory);
  journal.append(record("one"));
  expect(
    codeOf(() =>
      journal.rewrite(
        (function* () {
          yield record("new");
          throw new Error("no more");
        })(),
      ),
    ),
  ).toBe("storageFailed");
  journal.append(record("two"));
  journal.close();
  expect(existsSync(join(directory, "journal.new"))).toBe(false);
  expect(open(directory).stored).toEqual(["one", "two"]);
});

test("a rewrite that a killed process left unfinished is forgotten", () => {
  const directory = temporaryDirectory();
  write(directory, "one");
  writeFileSync(join(directory, "journal.new"), "half");
  expect(open(directory).stored).toEqual(["one"]);
  expect(existsSync(join(directory, "journal.new"))).toBe(false);
});

test("a directory belongs to one network at a time", () => {
  const directory = temporaryDirectory();
  const first = open(directory);
  expect(codeOf(() => open(directory))).toBe("directoryInUse");
  first.close();
  expect(codeOf(() => open(directory))).toBe("opened");
});

test("a directory of another process that runs is left alone", () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "lock"), String(process.ppid));
  expect(codeOf(() => open(directory))).toBe("directoryInUse");
});

test.each([
  ["a process that is gone", "4194305"],
  ["an earlier process with the same id", String(process.pid)],
  ["a process that died before it wrote its id", ""],
])("a lock of %s is taken over", (_, content) => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "lock"), content);
  expect(codeOf(() => open(directory))).toBe("opened");
});

test("a directory that cannot be made is a typed error", () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, "file"), "");
  expect(codeOf(() => open(join(directory, "file", "inside")))).toBe(
    "storageFailed",
  );
});
