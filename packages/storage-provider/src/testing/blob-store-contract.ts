import { createHash, randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import type {
  BlobFacts,
  BlobStore,
  ByteRange,
  ContentSource,
  OpenBlob,
} from "../blob-store.js";
import { createTicketOffice, type BlobId } from "../ticket.js";
import { until } from "./provider-fixture.js";

const office = createTicketOffice(randomBytes(32));
const hourMs = 3_600_000;
const maxBytes = 1024 ** 3;

/** @returns a name that nothing has yet */
export const newId = (): BlobId =>
  office.issue({ maxBytes: 1, expiresAtMs: 1 }).blobId;

/** @returns facts of a file that is kept for an hour from `createdAtMs` */
export function factsOf(bytes: Uint8Array, createdAtMs: number): BlobFacts {
  return {
    size: bytes.byteLength,
    sha256: Uint8Array.from(createHash("sha256").update(bytes).digest()),
    createdAtMs,
    expiresAtMs: createdAtMs + hourMs,
    ticketExpiresAtMs: createdAtMs + hourMs,
    idempotencyKeyHash: new Uint8Array(32).fill(7),
  };
}

/** Stores bytes in pieces, the way an upload does. */
export async function put(
  store: BlobStore,
  id: BlobId,
  bytes: Uint8Array,
  facts: BlobFacts,
  pieceBytes = 64 * 1024,
): Promise<"created" | "taken"> {
  const writer = await store.create(id, maxBytes);
  try {
    for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
      await writer.write(bytes.subarray(at, at + pieceBytes));
    }
    return await writer.commit(facts);
  } finally {
    await writer.abort();
  }
}

async function content(
  store: BlobStore,
  id: BlobId,
  range?: ByteRange,
): Promise<Buffer | undefined> {
  const blob = await store.open(id);
  return blob === undefined ? undefined : contentOf(blob, range);
}

async function contentOf(blob: OpenBlob, range?: ByteRange): Promise<Buffer> {
  const bytes = await blob.content(
    range ?? { first: 0, last: blob.facts.size - 1 },
  );
  return Buffer.isBuffer(bytes) ? bytes : collect(bytes);
}

async function collect(content: ContentSource): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(Buffer.from(chunk));
      done();
    },
  });
  await content.sendTo(sink);
  return Buffer.concat(chunks);
}

/**
 * What every blob store must do.
 *
 * @param name of the implementation
 * @param open makes an empty store that the test's end removes
 * @param partBytes a size around which the implementation changes its way
 * @param manyFiles how many files take a purge more than one step
 */
export function blobStoreContract(
  name: string,
  open: () => Promise<BlobStore>,
  partBytes: number,
  manyFiles: number,
): void {
  describe(name, () => {
    test.each([
      1,
      127,
      128,
      129,
      partBytes - 1,
      partBytes,
      partBytes + 1,
      2 * partBytes + 7,
    ])("gives back %i bytes and what is known of them", async (size) => {
      const store = await open();
      const [id, bytes] = [newId(), randomBytes(size)];
      const facts = factsOf(bytes, 1_800_000_000_000);
      expect(await put(store, id, bytes, facts)).toBe("created");
      expect(await store.find(id)).toEqual({ state: "stored", ...facts });
      expect((await content(store, id))?.equals(bytes)).toBe(true);
      expect(store.usedBytes()).toBe(size);
    });

    test("gives any range", async () => {
      const store = await open();
      const [id, bytes] = [newId(), randomBytes(1_000)];
      await put(store, id, bytes, factsOf(bytes, Date.now()), 7);
      for (const [first, last] of [
        [0, 0],
        [0, 999],
        [999, 999],
        [500, 600],
      ] as const) {
        expect(await content(store, id, { first, last })).toEqual(
          bytes.subarray(first, last + 1),
        );
      }
    });

    test("knows nothing of a name before commit, nor after abort", async () => {
      const store = await open();
      const [id, bytes] = [newId(), randomBytes(partBytes + 10)];
      const writer = await store.create(id, maxBytes);
      await writer.write(bytes);
      expect(await store.find(id)).toBeUndefined();
      expect(await store.open(id)).toBeUndefined();
      await writer.abort();
      await writer.abort();
      expect(await store.find(id)).toBeUndefined();
      expect(store.usedBytes()).toBe(0);
      expect(await put(store, id, bytes, factsOf(bytes, 1))).toBe("created");
    });

    test("of many writers of one name exactly one creates it", async () => {
      const store = await open();
      const id = newId();
      const contents = Array.from({ length: 8 }, () => randomBytes(1_000));
      const results = await Promise.all(
        contents.map((bytes) =>
          put(store, id, bytes, factsOf(bytes, Date.now())),
        ),
      );
      expect(results.filter((each) => each === "created")).toHaveLength(1);
      const winner = contents[results.indexOf("created")];
      expect(await content(store, id)).toEqual(winner);
      expect(store.usedBytes()).toBe(1_000);
      expect(
        await put(store, id, randomBytes(5), factsOf(randomBytes(5), 1)),
      ).toBe("taken");
      expect(await content(store, id)).toEqual(winner);
    });

    test("a withdrawn name has no file and stays taken", async () => {
      const store = await open();
      const [id, bytes] = [newId(), randomBytes(1_000)];
      await put(store, id, bytes, factsOf(bytes, Date.now()));
      await store.withdraw(id, 1_900_000_000_000);
      await store.withdraw(id, 1_900_000_000_000);
      expect(await store.find(id)).toEqual({
        state: "withdrawn",
        ticketExpiresAtMs: 1_900_000_000_000,
      });
      expect(await store.open(id)).toBeUndefined();
      expect(store.usedBytes()).toBe(0);
      expect(await put(store, id, bytes, factsOf(bytes, 1))).toBe("taken");
    });

    test("a name can be withdrawn before and during an upload", async () => {
      const store = await open();
      const [id, bytes] = [newId(), randomBytes(1_000)];
      const writer = await store.create(id, maxBytes);
      await writer.write(bytes);
      await store.withdraw(id, 1_900_000_000_000);
      expect(await writer.commit(factsOf(bytes, 1))).toBe("taken");
      await writer.abort();
      expect((await store.find(id))?.state).toBe("withdrawn");
      expect(store.usedBytes()).toBe(0);
    });

    test("a file being read is read to its end though it is withdrawn meanwhile", async () => {
      const store = await open();
      const [id, bytes] = [newId(), randomBytes(2_000_000)];
      await put(store, id, bytes, factsOf(bytes, Date.now()));
      const blob = await store.open(id);
      const content = await blob?.content({ first: 0, last: 1_999_999 });
      await store.withdraw(id, 1);
      const read =
        content === undefined || Buffer.isBuffer(content)
          ? content
          : await collect(content);
      expect(read?.equals(bytes)).toBe(true);
    });

    test("a purge removes what is due and nothing else", async () => {
      const store = await open();
      const bytes = randomBytes(100);
      const [due, kept, mark, keptMark] = [newId(), newId(), newId(), newId()];
      await put(store, due, bytes, factsOf(bytes, 0));
      await put(store, kept, bytes, factsOf(bytes, 1));
      await store.withdraw(mark, hourMs);
      await store.withdraw(keptMark, hourMs + 1);
      expect(await store.purge(hourMs - 1)).toEqual({
        removed: 0,
        freedBytes: 0,
      });
      expect(await store.purge(hourMs)).toEqual({
        removed: 2,
        freedBytes: 100,
      });
      expect(
        await Promise.all(
          [due, kept, mark, keptMark].map(
            async (id) => (await store.find(id))?.state,
          ),
        ),
      ).toEqual([undefined, "stored", undefined, "withdrawn"]);
      expect(store.usedBytes()).toBe(100);
    });

    test("a name whose ticket outlives the file stays taken until then", async () => {
      const store = await open();
      const [id, bytes] = [newId(), randomBytes(10)];
      await put(store, id, bytes, {
        ...factsOf(bytes, 0),
        ticketExpiresAtMs: 3 * hourMs,
      });
      await store.purge(2 * hourMs);
      expect(await put(store, id, bytes, factsOf(bytes, 0))).toBe("taken");
      await store.purge(3 * hourMs);
      expect(await store.find(id)).toBeUndefined();
    });

    test("a purge can be stopped, and answers while it runs", async () => {
      const store = await open();
      const bytes = randomBytes(1);
      for (let at = 0; at < manyFiles; at += 1)
        await put(store, newId(), bytes, factsOf(bytes, 0));
      const abort = new AbortController();
      abort.abort();
      expect(
        (await store.purge(2 * hourMs, abort.signal)).removed,
      ).toBeLessThan(manyFiles);
      const purging = store.purge(2 * hourMs);
      expect(await store.find(newId())).toBeUndefined();
      await purging;
      await until("everything due is gone", () => store.usedBytes() === 0);
    });

    test("says that it works", async () => {
      await expect((await open()).probe()).resolves.toBeUndefined();
    });
  });
}
