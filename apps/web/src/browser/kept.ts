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

/** Where Carryover keeps files. Of other pages it is enough to know that there is something. */
const ownDirectory = "carryover";

async function fileNames(): Promise<string[]> {
  const names: string[] = [];
  const root = await navigator.storage.getDirectory();
  for await (const [name, handle] of root.entries())
    if (name === ownDirectory && handle.kind === "directory")
      names.push(...(await innermost(handle, name)));
    else names.push(name);
  return names;
}

/** Every file in it, and every directory that is empty. */
async function innermost(
  directory: FileSystemDirectoryHandle,
  path: string,
): Promise<string[]> {
  const names: string[] = [];
  for await (const [name, handle] of directory.entries())
    if (handle.kind === "directory")
      names.push(...(await innermost(handle, `${path}/${name}`)));
    else names.push(`${path}/${name}`);
  return names.length === 0 ? [path] : names;
}
