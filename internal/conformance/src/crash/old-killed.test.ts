import { afterAll, expect, test } from "vitest";
import { createCrashWorld } from "./support/crash-world.js";
import { drive } from "./support/drive.js";
import { expectSameEnd } from "./support/expect-same-end.js";

const crashWorld = await createCrashWorld();
afterAll(() => crashWorld.close());
const { old: steps } = await crashWorld.enumerateSteps();
const cases = await crashWorld.prepareCases(steps);

test.each(cases)(
  "the installation that is asked is killed at step $step, $name: the end is the same",
  async ({ step, person }) => {
    const { old, fresh } = crashWorld.mortals(person, { old: [step] });
    const request = await drive(old, fresh);
    expect(old.deaths).toBe(1);
    await old.close();
    await fresh.close();
    await expectSameEnd(crashWorld.world, person, request);
  },
);
