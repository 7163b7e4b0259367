import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { syncDirectory } from "./shared-sync.js";

/**
 * Makes a directory, and those above it, with mode 0700 where they do not exist; what is made is durable. Node's own `recursive` never ends where
 * a directory says that there is none to make, as `/proc` does.
 *
 * @throws the system's error
 */
export async function makePrivateDirectory(path: string): Promise<void> {
  const parent = dirname(path);
  const make = async () => {
    try {
      await mkdir(path, { mode: 0o700 });
    } catch (error) {
      if (hasCode(error, "EEXIST")) return;
      throw error;
    }
    // Where it may be written but not read, the name is durable a little later.
    await syncDirectory(parent).catch(() => undefined);
  };
  try {
    await make();
  } catch (error) {
    if (!hasCode(error, "ENOENT") || parent === path) throw error;
    await makePrivateDirectory(parent);
    await make();
  }
}

const hasCode = (error: unknown, code: string) =>
  error instanceof Error && "code" in error && error.code === code;
