import { join } from "node:path";
import type { TestClient } from "@carryover/testkit";
import { createWorld, type World } from "../../main-job/support/world.js";
import {
  type BuiltProgram,
  buildProgram,
} from "../../main-job/support/build-program.js";
import { drive } from "./drive.js";
import { createMortal, type Mortal } from "./mortal.js";
import { preparePerson, type PreparedPerson } from "./prepared-person.js";

/** A world in which installations die. */
export interface CrashWorld {
  readonly world: World;
  prepare(): Promise<PreparedPerson>;
  /** @param killAtSteps - see `createMortal` */
  mortals(
    person: PreparedPerson,
    killAtSteps: { old?: readonly number[]; fresh?: readonly number[] },
  ): { old: Mortal; fresh: Mortal };
  /** The steps of a move in which nobody dies. */
  enumerateSteps(): Promise<{
    old: readonly string[];
    fresh: readonly string[];
  }>;
  /**
   * A person for each step to die at. All are prepared before the first dies: the SDK looks for new installations in a DM
   * no sooner than five seconds after it came.
   */
  prepareCases(
    steps: readonly string[],
  ): Promise<{ step: number; name: string; person: PreparedPerson }[]>;
  close(): Promise<void>;
}

export async function createCrashWorld(
  storageOptions: Parameters<typeof createWorld>[0] = {},
): Promise<CrashWorld> {
  const world = await createWorld(storageOptions);
  const program: BuiltProgram = await buildProgram(
    join(import.meta.dirname, "runner.ts"),
  );
  const bo: TestClient = await world.someone();
  const crashWorld: CrashWorld = {
    world,
    prepare: () => preparePerson(world, bo),
    mortals: (person, killAtSteps) => ({
      old: createMortal(program.path, person.old, killAtSteps.old),
      fresh: createMortal(program.path, person.fresh, killAtSteps.fresh),
    }),
    enumerateSteps: async () => {
      const { old, fresh } = crashWorld.mortals(await crashWorld.prepare(), {});
      await drive(old, fresh);
      const steps = { old: old.steps, fresh: fresh.steps };
      await old.close();
      await fresh.close();
      return steps;
    },
    prepareCases: async (steps) => {
      const cases = [];
      for (const [index, name] of steps.entries())
        cases.push({
          step: index + 1,
          name,
          person: await crashWorld.prepare(),
        });
      return cases;
    },
    close: async () => {
      await world.close();
      await program.remove();
    },
  };
  return crashWorld;
}
