import { type CarryoverErrorCode, type Scratch } from "@carryover/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** A place for temporary files, and that can be opened again. */
export interface ScratchSubject {
  /** Opens the same place, as a restart does. */
  open(): Promise<Scratch>;
  close(): Promise<void>;
}

const withCode = (code: CarryoverErrorCode): unknown =>
  expect.objectContaining({ name: "CarryoverError", code });

async function append(
  scratch: Scratch,
  name: string,
  ...chunks: Uint8Array[]
): Promise<void> {
  const writer = (await scratch.append(name)).getWriter();
  for (const chunk of chunks) await writer.write(chunk);
  await writer.close();
}

async function readAll(scratch: Scratch, name: string): Promise<Uint8Array> {
  return new Uint8Array(
    await new Response(await scratch.read(name)).arrayBuffer(),
  );
}

/** What every implementation of `Scratch` must do. Run it for each of them. */
export function describeScratchContract(
  name: string,
  makeSubject: () => Promise<ScratchSubject>,
): void {
  describe(`${name}: scratch`, () => {
    let subject: ScratchSubject;
    let scratch: Scratch;
    beforeEach(async () => {
      subject = await makeSubject();
      scratch = await subject.open();
    });
    afterEach(() => subject.close());

    it("knows no file at first", async () => {
      expect(await scratch.size("a")).toBeUndefined();
      await expect(scratch.read("a")).rejects.toEqual(withCode("diskError"));
      await scratch.delete("a");
    });

    it("reads back what was appended, also after it was opened again", async () => {
      await append(scratch, "a", Uint8Array.of(1, 2), Uint8Array.of(3));
      await append(scratch, "a", Uint8Array.of(4));
      expect(await scratch.size("a")).toBe(4);
      expect(await readAll(scratch, "a")).toEqual(Uint8Array.of(1, 2, 3, 4));
      const again = await subject.open();
      expect(await readAll(again, "a")).toEqual(Uint8Array.of(1, 2, 3, 4));
    });

    it("makes an empty file when nothing is written", async () => {
      await append(scratch, "a");
      expect(await scratch.size("a")).toBe(0);
      expect(await readAll(scratch, "a")).toEqual(new Uint8Array(0));
    });

    it("keeps large files exactly", async () => {
      const chunks = Array.from({ length: 9 }, (_, index) =>
        new Uint8Array(65_535 + index).fill(index),
      );
      await append(scratch, "a", ...chunks);
      expect(
        Buffer.compare(await readAll(scratch, "a"), Buffer.concat(chunks)),
      ).toBe(0);
    });

    it("keeps what was written before a writer gave up", async () => {
      const writer = (await scratch.append("a")).getWriter();
      await writer.write(Uint8Array.of(1, 2, 3));
      await writer.abort(new Error("the network went away"));
      expect(await scratch.size("a")).toBe(3);
      await append(scratch, "a", Uint8Array.of(4));
      expect(await readAll(scratch, "a")).toEqual(Uint8Array.of(1, 2, 3, 4));
    });

    it("lets a reader go away in the middle", async () => {
      await append(scratch, "a", new Uint8Array(1_000_000));
      const reader = (await scratch.read("a")).getReader();
      await reader.read();
      await reader.cancel();
      await scratch.delete("a");
      expect(await scratch.size("a")).toBeUndefined();
    });

    it("deletes one file and no other", async () => {
      await append(scratch, "a", Uint8Array.of(1));
      await append(scratch, "b", Uint8Array.of(2));
      await scratch.delete("a");
      expect(await scratch.size("a")).toBeUndefined();
      expect(await scratch.size("b")).toBe(1);
    });

    it("sweeps everything but what is kept", async () => {
      for (const file of ["a", "b", "c"])
        await append(scratch, file, Uint8Array.of(1));
      await scratch.sweep(["b", "never-there"]);
      expect(await scratch.size("a")).toBeUndefined();
      expect(await scratch.size("b")).toBe(1);
      expect(await scratch.size("c")).toBeUndefined();
    });

    it.each(["", "..", "a/b", "../a", "A", "a.b", "a\0", "a".repeat(81)])(
      "takes no name like %j",
      async (bad) => {
        for (const call of [
          () => scratch.size(bad),
          () => scratch.append(bad),
          () => scratch.read(bad),
          () => scratch.delete(bad),
        ])
          await expect(call()).rejects.toEqual(withCode("invalidOption"));
      },
    );
  });
}
