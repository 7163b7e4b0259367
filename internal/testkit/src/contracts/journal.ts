import type { CarryoverErrorCode, Journal } from "@carryover/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** A place for notes, and that can be opened again. */
export interface JournalSubject {
  /** Opens the same place, as a restart and another process do. */
  open(): Promise<Journal>;
  close(): Promise<void>;
}

const withCode = (code: CarryoverErrorCode): unknown =>
  expect.objectContaining({ name: "CarryoverError", code });

/** What every implementation of `Journal` must do. Run it for each of them. */
export function describeJournalContract(
  name: string,
  makeSubject: () => Promise<JournalSubject>,
): void {
  describe(`${name}: journal`, () => {
    let subject: JournalSubject;
    let journal: Journal;
    beforeEach(async () => {
      subject = await makeSubject();
      journal = await subject.open();
    });
    afterEach(() => subject.close());

    it("has no note at first", async () => {
      expect(await journal.names()).toEqual([]);
      expect(await journal.read("a")).toBeUndefined();
      await journal.delete("a");
    });

    it("reads what was written last, also where it is open a second time", async () => {
      const other = await subject.open();
      await journal.write("a", "a longer text\n");
      await other.write("a", "é\n");
      await other.write("b-2", "");
      for (const each of [journal, other, await subject.open()]) {
        expect(await each.read("a")).toBe("é\n");
        expect(await each.read("b-2")).toBe("");
        expect((await each.names()).sort()).toEqual(["a", "b-2"]);
      }
      await other.delete("a");
      expect(await journal.read("a")).toBeUndefined();
      expect(await journal.names()).toEqual(["b-2"]);
    });

    it("keeps every note while others come and go", async () => {
      const other = await subject.open();
      for (let round = 0; round < 10; round += 1) {
        await Promise.all([
          journal.write("coming", `${round}`),
          other.delete("going"),
        ]);
        expect(await other.read("coming")).toBe(`${round}`);
        await Promise.all([
          journal.delete("coming"),
          other.write("going", `${round}`),
        ]);
        expect(await journal.read("going")).toBe(`${round}`);
      }
    });

    it("shows whoever reads a whole note, the old or the new one", async () => {
      const other = await subject.open();
      const texts = ["x", "y"].map((letter) => letter.repeat(50_000));
      await journal.write("a", "x".repeat(50_000));
      const writing = (async () => {
        for (let round = 0; round < 10; round += 1)
          for (const text of texts) await journal.write("a", text);
        return "written";
      })();
      let writes: unknown;
      void writing.then((end) => (writes = end));
      while (writes === undefined)
        expect(texts).toContain(await other.read("a"));
      expect(await writing).toBe("written");
    });

    it.each(["", "A", "a/b", "../a", ".", "a".repeat(81), "a b"])(
      "refuses the name %j",
      async (bad) => {
        await expect(journal.read(bad)).rejects.toEqual(
          withCode("invalidOption"),
        );
        await expect(journal.write(bad, "")).rejects.toEqual(
          withCode("invalidOption"),
        );
        await expect(journal.delete(bad)).rejects.toEqual(
          withCode("invalidOption"),
        );
      },
    );
  });
}
