import { randomBytes } from "node:crypto";
import { type CarryoverErrorCode, type StateStore } from "@carryover/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** A place where records are kept, and that can be opened again. */
export interface StateStoreSubject {
  /** Opens the same place, as a restart does. */
  open(): Promise<StateStore>;
  close(): Promise<void>;
}

const withCode = (code: CarryoverErrorCode): unknown =>
  expect.objectContaining({ name: "CarryoverError", code });

/** The runner's own comparison takes half a minute for a megabyte. */
const sameBytes = (a: Uint8Array | undefined, b: Uint8Array) =>
  a !== undefined && Buffer.compare(a, b) === 0;

/** What every implementation of `StateStore` must do. Run it for each of them. */
export function describeStateStoreContract(
  name: string,
  makeSubject: () => Promise<StateStoreSubject>,
): void {
  describe(`${name}: state store`, () => {
    let subject: StateStoreSubject;
    beforeEach(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.close());

    it("has nothing at first", async () => {
      const store = await subject.open();
      expect(await store.load()).toBeUndefined();
      await store.close();
    });

    it.each([0, 1, 15, 16, 17, 1_000_000])(
      "gives back a record of %i bytes, also after it was opened again",
      async (length) => {
        const record = new Uint8Array(randomBytes(length));
        const store = await subject.open();
        await store.save(record);
        expect(sameBytes(await store.load(), record)).toBe(true);
        await store.close();
        const again = await subject.open();
        expect(sameBytes(await again.load(), record)).toBe(true);
        await again.close();
      },
    );

    it("keeps the last of many records that were saved at once", async () => {
      const store = await subject.open();
      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          store.save(Uint8Array.of(index)),
        ),
      );
      expect(await store.load()).toEqual(Uint8Array.of(19));
      await store.close();
    });

    it("finishes what is being saved before it closes", async () => {
      const store = await subject.open();
      const saving = store.save(Uint8Array.of(1));
      await store.close();
      await saving;
      const again = await subject.open();
      expect(await again.load()).toEqual(Uint8Array.of(1));
      await again.close();
    });

    it("does not change a record when the caller changes its bytes later", async () => {
      const store = await subject.open();
      const record = Uint8Array.of(1, 2, 3);
      await store.save(record);
      record.fill(9);
      expect(await store.load()).toEqual(Uint8Array.of(1, 2, 3));
      await store.close();
    });

    it("belongs to one at a time", async () => {
      const store = await subject.open();
      await expect(subject.open()).rejects.toEqual(withCode("stateLocked"));
      await store.close();
      await (await subject.open()).close();
    });

    it("refuses work after it was closed, and closes twice", async () => {
      const store = await subject.open();
      await store.close();
      await store.close();
      await expect(store.load()).rejects.toEqual(withCode("closed"));
      await expect(store.save(Uint8Array.of(1))).rejects.toEqual(
        withCode("closed"),
      );
    });
  });
}
