/** Everything that this browser keeps for the page's origin, by name. */
export interface Kept {
  readonly files: readonly string[];
  readonly databases: readonly string[];
  readonly caches: readonly string[];
  readonly sessionItems: readonly string[];
}

/** Looks at what is really there, and not at what should be. */
export async function lookAtKept(): Promise<Kept> {
  return {
    files: await fileNames(),
    databases: (await indexedDB.databases()).map(({ name }) => name ?? ""),
    caches: await caches.keys(),
    sessionItems: Object.keys(sessionStorage),
  };
}

/** How many things that is. */
export const countKept = (kept: Kept): number =>
  kept.files.length +
  kept.databases.length +
  kept.caches.length +
  kept.sessionItems.length;

async function fileNames(): Promise<string[]> {
  const names: string[] = [];
  const root = await navigator.storage.getDirectory();
  for await (const [name] of root.entries()) names.push(name);
  return names;
}
