import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { hasErrorCode } from "./error-code.js";

/** Mode of every directory that is made here: its owner looks into it, nobody else. */
export const ownerOnlyDirectory = 0o700;

/**
 * Makes a directory that only its owner can look into, with those above it that are missing; one that is there stays as it
 * is. Node's own `recursive` never ends where a directory says that there is none to make, as `/proc` does.
 *
 * @throws {Error} as the file system says it
 */
export async function makeWithParents(path: string): Promise<void> {
  const make = () =>
    mkdir(path, { mode: ownerOnlyDirectory }).catch(unless("EEXIST"));
  const parent = dirname(path);
  if (parent === path) return;
  try {
    await make();
  } catch (error) {
    unless("ENOENT")(error);
    await makeWithParents(parent);
    await make();
  }
}

const unless = (code: string) => (error: unknown) => {
  if (!hasErrorCode(error, code)) throw error;
};
