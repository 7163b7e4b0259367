import type { PreparedInstallation } from "./prepared-person.js";
import type { CallName, RunnerCalls } from "./runner-protocol.js";
import { type Runner, RunnerDied, startRunner } from "./start-runner.js";

/** An installation whose process dies at planned steps, and is started again. */
export interface Mortal {
  /**
   * Starts the process when there is none.
   *
   * @throws {RunnerDied} when it died; the next call starts the next life
   * @throws {RunnerFailed}
   */
  call<Name extends CallName>(
    name: Name,
    ...args: RunnerCalls[Name]["args"]
  ): Promise<RunnerCalls[Name]["result"]>;
  /** Dies now. */
  kill(): Promise<void>;
  /** How often it died. */
  readonly deaths: number;
  /** Names of the steps of all lives. */
  readonly steps: readonly string[];
  /** Closes Carryover and ends the process. */
  close(): Promise<void>;
}

/** @param killAtSteps - of the first life, the second, …; later lives are not ended */
export function createMortal(
  program: string,
  { setup, temporaryDirectory }: PreparedInstallation,
  killAtSteps: readonly number[] = [],
): Mortal {
  let runner: Runner | undefined;
  let deaths = 0;
  const pastSteps: string[] = [];
  const bury = () => {
    if (runner === undefined) return;
    pastSteps.push(...runner.steps);
    runner = undefined;
  };
  return {
    get deaths() {
      return deaths;
    },
    get steps() {
      return [...pastSteps, ...(runner?.steps ?? [])];
    },
    call: async (name, ...args) => {
      const killAtStep = killAtSteps[deaths];
      runner ??= await startRunner(
        program,
        { ...setup, ...(killAtStep !== undefined && { killAtStep }) },
        temporaryDirectory,
      );
      try {
        return await runner.call(name, ...args);
      } catch (error) {
        if (error instanceof RunnerDied) {
          deaths += 1;
          bury();
        }
        throw error;
      }
    },
    kill: async () => {
      await runner?.kill();
    },
    close: async () => {
      await runner?.call("close");
      await runner?.kill();
      bury();
    },
  };
}
