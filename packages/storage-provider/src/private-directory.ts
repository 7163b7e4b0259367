import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a directory, and those above it, with mode 0700 where they do not exist. Node's own `recursive` never ends where
 * a directory says that there is none to make, as `/proc` does.
 *
 * @throws the system's error
 */
export async function makePrivateDirectory(path: string): Promise<void> {
  const make = () =>
    mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
      if (!hasCode(error, "EEXIST")) throw error;
    });
  try {
    await make();
  } catch (error) {
    const parent = dirname(path);
    if (!hasCode(error, "ENOENT") || parent === path) throw error;
    await makePrivateDirectory(parent);
    await make();
  }
}

const hasCode = (error: unknown, code: string) =>
  error instanceof Error && "code" in error && error.code === code;
