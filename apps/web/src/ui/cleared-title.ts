import type { Problem } from "../errors/problem.js";

/** What the last step of a task is called: cleared only where that is true. */
export const clearedTitle = (
  done: string,
  problem: Problem | undefined,
): string => (problem === undefined ? `${done}, and cleared` : done);
