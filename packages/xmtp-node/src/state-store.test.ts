import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  bundleChildProgram,
  type ChildProgram,
  temporaryDirectory,
} from "@carryover/testkit";
import { describeStateStoreContract } from "@carryover/testkit/contracts";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from "vitest";
import { createStateStore } from "./state-store.js";

const encryptionKey = new Uint8Array(32).fill(1);
const installationId = "a".repeat(64);

describeStateStoreContract("node", async () => {
  const temporary = await temporaryDirectory();
  const directory = join(temporary.path, "state");
  return {
    open: () => createStateStore({ directory, encryptionKey, installationId }),
    close: () => temporary.remove(),
  };
});

describe("node: state store on disk", () => {
  let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
  let directory: string;
  beforeEach(async () => {
    temporary = await temporaryDirectory();
    directory = join(temporary.path, "state");
  });
  afterEach(() => temporary.remove());

  const open = (options: { key?: Uint8Array; installation?: string } = {}) =>
    createStateStore({
      directory,
      encryptionKey: options.key ?? encryptionKey,
      installationId: options.installation ?? installationId,
    });
  const saveOnce = async (text: string) => {
    const store = await open();
    await store.save(Buffer.from(text));
    await store.close();
  };
  const loadWith = async (options: Parameters<typeof open>[0]) => {
    const store = await open(options);
    try {
      return await store.load();
    } finally {
      await store.close();
    }
  };
  const unreadable = { code: "stateUnreadable" };

  it("keeps files of mode 0600 in a directory of mode 0700", async () => {
    await saveOnce("record");
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(directory))
      expect((await stat(join(directory, name))).mode & 0o777, name).toBe(
        0o600,
      );
  });

  it("writes nothing of the record in the clear", async () => {
    await saveOnce("a very secret record");
    for (const name of await readdir(directory))
      expect(
        (await readFile(join(directory, name))).includes("secret"),
        name,
      ).toBe(false);
  });

  it("never writes the same bytes for the same record", async () => {
    await saveOnce("record");
    const first = await readFile(join(directory, "state"));
    await saveOnce("record");
    expect(await readFile(join(directory, "state"))).not.toEqual(first);
  });

  it("opens with no other key, and for no other installation", async () => {
    await saveOnce("record");
    await expect(
      loadWith({ key: new Uint8Array(32).fill(2) }),
    ).rejects.toMatchObject(unreadable);
    await expect(
      loadWith({ installation: "b".repeat(64) }),
    ).rejects.toMatchObject(unreadable);
    expect(await loadWith({})).toEqual(new Uint8Array(Buffer.from("record")));
  });

  it("refuses records that were cut anywhere or have one bit flipped", async () => {
    await saveOnce("record");
    const file = join(directory, "state");
    const whole = await readFile(file);
    const store = await open();
    for (let length = 0; length < whole.length; length += 1) {
      await writeFile(file, whole.subarray(0, length));
      await expect(store.load(), `cut at ${length}`).rejects.toMatchObject(
        unreadable,
      );
    }
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const flipped = Buffer.from(whole);
      flipped.writeUInt8(
        flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)),
        bit >> 3,
      );
      await writeFile(file, flipped);
      await expect(store.load(), `bit ${bit}`).rejects.toMatchObject(
        unreadable,
      );
    }
    await store.close();
  });

  it("says that it cannot write when it cannot", async () => {
    const store = await open();
    await temporary.remove();
    await expect(store.save(Uint8Array.of(1))).rejects.toMatchObject({
      code: "diskError",
    });
  });

  describe("killed while it saves", () => {
    let program: ChildProgram;
    beforeAll(async () => {
      program = await bundleChildProgram(
        new URL("./testing/state-store-program.ts", import.meta.url),
      );
    });
    afterAll(() => program.remove());

    it("has the last record that was saved, or the one that was being saved, whole", async () => {
      for (let round = 0; round < 10; round += 1) {
        const child = program.start("save", directory);
        let told = 0;
        const killAt = 1 + ((round * 7) % 5);
        await new Promise<void>((resolve, reject) => {
          child.once("error", reject);
          child.once("exit", () => resolve());
          child.on("message", (number) => {
            told = Number(number);
            if (told === killAt)
              // Somewhere in the writing of the next one.
              setTimeout(() => child.kill("SIGKILL"), (round % 10) * 2);
          });
        });
        const record = await loadWith({});
        if (record === undefined) throw new Error("the record is gone");
        const lastNumber = new DataView(record.buffer).getUint32(0);
        expect(lastNumber).toBeGreaterThanOrEqual(told);
        expect(lastNumber).toBeLessThanOrEqual(told + 1);
        expect(record.length).toBe(4 + ((lastNumber * 7_919_033) % 12_000_000));
        expect(new Set(record.subarray(4)).size).toBeLessThanOrEqual(1);
        const left = await readdir(directory);
        expect(left.filter((name) => !/^(state|lock-\d+)$/.test(name))).toEqual(
          [],
        );
      }
    });
  });
});
