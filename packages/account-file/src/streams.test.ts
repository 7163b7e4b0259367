import { describe, expect, it } from "vitest";
import {
  openBackupAccountFile,
  verifyBackupAccountFile,
} from "./open-account-file.js";
import { measureDatabase } from "./database.js";
import { collect, join, streamOfBytes } from "./testing/bytes.js";
import { codeOf, failureOf } from "./testing/codes.js";
import {
  createKeyPair,
  measure,
  noise,
  sampleDatabase,
  sampleHeader,
  writeFile,
} from "./testing/samples.js";
import { inspectBackupAccountFile } from "./inspect-account-file.js";
import { writeBackupAccountFile } from "./write-account-file.js";

const { identity, recipient } = await createKeyPair();
const secret = { kind: "identities", identities: [identity] } as const;
const protection = { kind: "recipients", recipients: [recipient] } as const;

/** A stream that is watched: how much was pulled, and whether it was let go. */
const watched = (bytes: Uint8Array, pieceSize = 50_000) => {
  const state = { pulled: 0, cancelled: false };
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (state.pulled >= bytes.length) {
          controller.close();
          return;
        }
        controller.enqueue(bytes.slice(state.pulled, state.pulled + pieceSize));
        state.pulled += pieceSize;
      },
      cancel() {
        state.cancelled = true;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, state };
};

/** Gives these bytes, then nothing more and no end. */
const stalling = (bytes: Uint8Array) => {
  let given = false;
  let cancel: () => void = () => undefined;
  const cancelled = new Promise<void>((resolve) => {
    cancel = resolve;
  });
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (given) return new Promise<void>(() => undefined);
        given = true;
        controller.enqueue(bytes);
        return undefined;
      },
      cancel() {
        cancel();
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, cancelled };
};

const failing = (bytes: Uint8Array) => {
  let given = false;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (given) controller.error(new Error("the disk is gone"));
        else controller.enqueue(bytes);
        given = true;
      },
    },
    { highWaterMark: 0 },
  );
};

const database = sampleDatabase(2_000_000);
const wholeFile = await writeFile(database, protection);
const writer = (
  others: Partial<Parameters<typeof writeBackupAccountFile>[0]> = {},
) =>
  writeBackupAccountFile({
    header: sampleHeader,
    database: streamOfBytes(database, 50_000),
    measured: measure(database),
    protection,
    ...others,
  });

describe("a writer", () => {
  it("reads nothing before it is read, and little ahead", async () => {
    const { stream, state } = watched(database);
    const reader = writer({ database: stream }).file.getReader();
    expect(state.pulled).toBe(0);
    for (let out = 0; ;) {
      const { done, value } = await reader.read();
      if (done) break;
      out += value.length;
      expect(state.pulled - out).toBeLessThan(1_000_000);
    }
    expect(state.pulled).toBe(database.length);
  });

  it.each([0, 1, 5])(
    "whose reader goes away after %i pieces lets the database go",
    async (pieces) => {
      const { stream, state } = watched(database);
      const { file, finished } = writer({ database: stream });
      const reader = file.getReader();
      for (let n = 0; n < pieces; n += 1) await reader.read();
      await reader.cancel();
      expect(await codeOf(finished)).toBe("aborted");
      expect(state.cancelled).toBe(true);
    },
  );

  it("whose reader goes away while the database stalls lets it go", async () => {
    const { stream, cancelled } = stalling(noise(10).fill(1));
    const { file, finished } = writer({
      database: stream,
      measured: { sizeBytes: 10, sha256: noise(32) },
    });
    const reader = file.getReader();
    await reader.read();
    const waiting = reader.read();
    await reader.cancel();
    await waiting;
    await cancelled;
    expect(await codeOf(finished)).not.toBe("none");
  });

  it("stops when it is told to, and says why", async () => {
    const reason = new Error("enough");
    const stop = new AbortController();
    const { stream, cancelled } = stalling(sampleDatabase(1000));
    const { file, finished } = writer({
      database: stream,
      signal: stop.signal,
    });
    const written = failureOf(collect(file));
    stop.abort(reason);
    expect(await written).toMatchObject({ code: "aborted", cause: reason });
    expect(await codeOf(finished)).toBe("aborted");
    await cancelled;
  });

  it("that was told to stop before it began reads nothing", async () => {
    const { stream, state } = watched(database);
    const { file } = writer({ database: stream, signal: AbortSignal.abort() });
    expect(await codeOf(collect(file))).toBe("aborted");
    expect(state).toEqual({ pulled: 0, cancelled: true });
  });

  it("stops in the middle of a passphrase's work", async () => {
    const stop = new AbortController();
    const { createPortablePorts } = await import("@carryover/backup-file");
    const { file } = writer({
      protection: {
        kind: "passphrase",
        passphrase: "long enough",
        workFactor: 18,
      },
      ports: createPortablePorts(),
      signal: stop.signal,
    });
    const written = codeOf(collect(file));
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect(await written).toBe("aborted");
  });

  it("whose database cannot be read says so", async () => {
    const { file, finished } = writer({ database: failing(database) });
    expect(await failureOf(collect(file))).toMatchObject({
      code: "sourceFailed",
      cause: { message: "the disk is gone" },
    });
    expect(await codeOf(finished)).toBe("sourceFailed");
    expect(await codeOf(measureDatabase(failing(database)))).toBe(
      "sourceFailed",
    );
  });

  it.each<[string, string, Uint8Array]>([
    ["grew", "databaseChanged", join(database, Uint8Array.of(0))],
    ["shrank", "databaseChanged", database.subarray(0, -1)],
    ["is gone", "databaseChanged", new Uint8Array(0)],
    [
      "has other bytes",
      "databaseChanged",
      sampleDatabase(2_000_000).fill(7, 99),
    ],
    ["is encrypted", "databaseInvalid", noise(2_000_000)],
    ["is a text", "databaseInvalid", new TextEncoder().encode("SQLite!")],
  ])("whose database %s gives no file", async (_, code, other) => {
    const { file, finished } = writer({ database: streamOfBytes(other, 9999) });
    expect(await codeOf(collect(file))).toBe(code);
    expect(await codeOf(finished)).toBe(code);
  });

  it("of what is shorter than any database gives no file", async () => {
    for (const short of [new Uint8Array(0), database.subarray(0, 15)]) {
      const { file } = writer({
        database: streamOfBytes(short),
        measured: measure(short),
      });
      expect(["databaseInvalid", "headerInvalid"]).toContain(
        await codeOf(collect(file)),
      );
    }
  });

  it("lets the database go when the header is wrong", async () => {
    const { stream, state } = watched(database);
    const { file } = writer({
      database: stream,
      header: { ...sampleHeader, inboxId: "x" },
    });
    expect(await codeOf(collect(file))).toBe("headerInvalid");
    expect(state).toEqual({ pulled: 0, cancelled: true });
  });
});

describe("a reader", () => {
  it("reads little beyond the header before the database is read, and little ahead", async () => {
    const { stream, state } = watched(wholeFile);
    const opened = await openBackupAccountFile({
      file: stream,
      secret,
    });
    expect(state.pulled).toBeLessThan(300_000);
    expect(() => opened.verified()).toThrow("has not been read to its end");
    const reader = opened.database.getReader();
    for (let out = 0; ;) {
      const { done, value } = await reader.read();
      if (done) break;
      out += value.length;
      expect(state.pulled - out).toBeLessThan(1_000_000);
    }
    expect(opened.verified()).toEqual(measure(wholeFile));
  });

  it.each([0, 1, 5])(
    "that is done after %i pieces lets the file go, and has verified nothing",
    async (pieces) => {
      const { stream, state } = watched(wholeFile);
      const opened = await openBackupAccountFile({
        file: stream,
        secret,
      });
      const reader = opened.database.getReader();
      for (let n = 0; n < pieces; n += 1) await reader.read();
      await reader.cancel();
      expect(state.cancelled).toBe(true);
      expect(() => opened.verified()).toThrow("has not been read to its end");
    },
  );

  it.each(["in the header", "in the database"])(
    "that is told to stop while the file stalls %s lets it go",
    async (where) => {
      const stop = new AbortController();
      const { stream, cancelled } = stalling(
        wholeFile.slice(0, where === "in the header" ? 100 : 200_000),
      );
      const verified = codeOf(
        verifyBackupAccountFile({
          file: stream,
          secret,
          signal: stop.signal,
        }),
      );
      // So that it has begun to read, and waits.
      await new Promise((resolve) => setImmediate(resolve));
      stop.abort();
      expect(await verified).toBe("aborted");
      await cancelled;
    },
  );

  it("that was told to stop before it began reads nothing", async () => {
    const { stream, state } = watched(wholeFile);
    const signal = AbortSignal.abort();
    expect(
      await codeOf(openBackupAccountFile({ file: stream, secret, signal })),
    ).toBe("aborted");
    expect(state).toEqual({ pulled: 0, cancelled: true });
  });

  it("lets the file go when the secret is wrong", async () => {
    const { stream, state } = watched(wholeFile);
    const other = await createKeyPair();
    expect(
      await codeOf(
        openBackupAccountFile({
          file: stream,
          secret: { kind: "identities", identities: [other.identity] },
        }),
      ),
    ).toBe("wrongIdentity");
    expect(state.cancelled).toBe(true);
  });

  it.each([10, 100_000])(
    "of a file that cannot be read beyond %i bytes says so",
    async (bytes) => {
      expect(
        await failureOf(
          verifyBackupAccountFile({
            file: failing(wholeFile.slice(0, bytes)),
            secret,
          }),
        ),
      ).toMatchObject({
        code: "sourceFailed",
        cause: { message: "the disk is gone" },
      });
      expect(
        await codeOf(
          inspectBackupAccountFile({ file: failing(wholeFile.slice(0, 10)) }),
        ),
      ).toBe("sourceFailed");
    },
  );
});
