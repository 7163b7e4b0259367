import { open } from "node:fs/promises";

/**
 * Makes the names in a directory durable for many at once.
 *
 * @returns resolves when every name that was there at the call is durable; those who ask while one is under way share the
 *   next
 */
export function createSharedSync(directory: string): () => Promise<void> {
  let running: Promise<void> | undefined;
  let waiting: Promise<void> | undefined;
  const start = () => {
    const current = syncDirectory(directory).finally(() => {
      if (running === current) running = undefined;
    });
    running = current;
    return current;
  };
  return () => {
    if (running === undefined) return start();
    // What is under way may have begun before the name was there.
    waiting ??= running
      .catch(() => undefined)
      .then(() => {
        waiting = undefined;
        return start();
      });
    return waiting;
  };
}

/** Makes the names in a directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
