/** Everything in the origin private file system, by path. */
async function listFiles(): Promise<string[]> {
  const paths: string[] = [];
  const walk = async (directory: FileSystemDirectoryHandle, path: string) => {
    for await (const [name, handle] of directory.entries()) {
      paths.push(`${path}/${name}`);
      if (handle.kind === "directory") await walk(handle, `${path}/${name}`);
    }
  };
  await walk(await navigator.storage.getDirectory(), "");
  return paths.sort();
}

/** Everything that the browser keeps for this origin. */
export const listStorage = async () => ({
  databases: (await indexedDB.databases()).map(({ name }) => name ?? ""),
  files: await listFiles(),
  caches: await caches.keys(),
  locks: ((await navigator.locks.query()).held ?? []).map(
    ({ name }) => name ?? "",
  ),
});
