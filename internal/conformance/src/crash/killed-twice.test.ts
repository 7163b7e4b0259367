import { afterAll, expect, test } from "vitest";
import { createRandom } from "../main-job/support/random.js";
import { createCrashWorld } from "./support/crash-world.js";
import { drive } from "./support/drive.js";
import { expectSameEnd } from "./support/expect-same-end.js";

// Which two moments is drawn: of one side or of both, in any order. Each seed is another pair.

const crashWorld = await createCrashWorld();
afterAll(() => crashWorld.close());
const steps = await crashWorld.enumerateSteps();

const drawnPairs = Array.from({ length: 9 }, (_, seed) => {
  const random = createRandom(seed);
  const draw = (side: readonly string[]) =>
    1 + Math.floor(random() * side.length);
  // The second life has less to do: it dies at one of its first steps.
  const again = () => 1 + Math.floor(random() * 2);
  const kills = {
    old: seed % 3 === 1 ? [] : [draw(steps.old)],
    fresh: seed % 3 === 0 ? [] : [draw(steps.fresh)],
  };
  if (seed % 3 === 0) kills.old.push(again());
  if (seed % 3 === 1) kills.fresh.push(again());
  return { seed, old: kills.old, fresh: kills.fresh };
});
const cases = [];
for (const pair of drawnPairs)
  cases.push({ ...pair, person: await crashWorld.prepare() });

test.each(cases)(
  "killed twice, at steps $old of the one that is asked and $fresh of the one that asks: the end is the same",
  async ({ old: oldKills, fresh: freshKills, person }) => {
    const { old, fresh } = crashWorld.mortals(person, {
      old: oldKills,
      fresh: freshKills,
    });
    const request = await drive(old, fresh);
    expect(old.deaths).toBe(oldKills.length);
    expect(fresh.deaths).toBe(freshKills.length);
    await old.close();
    await fresh.close();
    await expectSameEnd(crashWorld.world, person, request);
  },
);
