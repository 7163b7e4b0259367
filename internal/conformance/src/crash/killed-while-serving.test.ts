import { afterAll, afterEach, expect, test } from "vitest";
import { createCrashWorld } from "./support/crash-world.js";
import { drive } from "./support/drive.js";
import { expectSameEnd } from "./support/expect-same-end.js";
import type { Mortal } from "./support/mortal.js";

// Moments that only the storage provider knows: it has the last byte and has not answered, or half of a file has left it.

let atUpload: (step: string) => Promise<void> = async () => undefined;
let atDownload: (sentBytes: number) => Promise<void> = async () => undefined;
const crashWorld = await createCrashWorld({
  hooks: {
    uploadStep: async (step) => {
      await atUpload(step);
      return "continue";
    },
    downloadPiece: async (sentBytes) => {
      await atDownload(sentBytes);
      return "continue";
    },
  },
});
afterAll(() => crashWorld.close());
afterEach(() => {
  atUpload = async () => undefined;
  atDownload = async () => undefined;
});

const once = (work: () => Promise<void>) => {
  let done = false;
  return async () => {
    if (done) return;
    done = true;
    await work();
  };
};

async function expectEndAfterDeath(
  dying: "old" | "fresh",
  arrange: (mortal: Mortal) => void,
): Promise<void> {
  const person = await crashWorld.prepare();
  const { old, fresh } = crashWorld.mortals(person, {});
  const mortal = dying === "old" ? old : fresh;
  arrange(mortal);
  const request = await drive(old, fresh);
  expect(mortal.deaths).toBe(1);
  await old.close();
  await fresh.close();
  await expectSameEnd(crashWorld.world, person, request);
}

test.each([
  ["accepted", "before a byte of the file is read"],
  ["received", "after the last byte, before anything is kept"],
  ["stored", "after the file is kept, before the 201"],
])(
  "the one that is asked is killed while it uploads, at %s (%s): the end is the same",
  async (wanted) => {
    await expectEndAfterDeath("old", (old) => {
      const kill = once(() => old.kill());
      atUpload = async (step) => {
        if (step === wanted) await kill();
      };
    });
  },
);

test("the one that asks is killed while it downloads: the end is the same", async () => {
  await expectEndAfterDeath("fresh", (fresh) => {
    atDownload = once(() => fresh.kill());
  });
});
