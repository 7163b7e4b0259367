import { CarryoverError } from "./errors.js";

/**
 * Lets no import begin after one has hung: a library that spins in one import would spin in the next, and take one more
 * core. A new process starts afresh.
 */
export function createImportGuard(): <T>(work: () => Promise<T>) => Promise<T> {
  let hung: CarryoverError | undefined;
  return async (work) => {
    if (hung !== undefined) throw hung;
    try {
      return await work();
    } catch (error) {
      if (error instanceof CarryoverError && error.code === "importTimedOut")
        hung = error;
      throw error;
    }
  };
}
