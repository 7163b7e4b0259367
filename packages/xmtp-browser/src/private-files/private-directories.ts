/** @returns `undefined` in a browser without it, or in a window in private mode of one that has none there */
export async function openPrivateRoot(): Promise<
  FileSystemDirectoryHandle | undefined
> {
  if (
    typeof FileSystemFileHandle === "undefined" ||
    !("createWritable" in FileSystemFileHandle.prototype) ||
    !("storage" in navigator)
  )
    return undefined;
  try {
    return await navigator.storage.getDirectory();
  } catch {
    return undefined;
  }
}

/** Makes a directory, with those above it, where there is none. */
export async function makeDirectory(
  root: FileSystemDirectoryHandle,
  path: readonly string[],
): Promise<FileSystemDirectoryHandle> {
  let found = root;
  for (const name of path)
    found = await found.getDirectoryHandle(name, { create: true });
  return found;
}

/** @returns `undefined` where there is none */
export async function findDirectory(
  root: FileSystemDirectoryHandle,
  path: readonly string[],
): Promise<FileSystemDirectoryHandle | undefined> {
  let found: FileSystemDirectoryHandle | undefined = root;
  for (const name of path)
    found = found && (await unlessMissing(found.getDirectoryHandle(name)));
  return found;
}

/** Removes a directory with everything in it, if it is there. */
export async function removeDirectory(
  root: FileSystemDirectoryHandle,
  path: readonly string[],
): Promise<void> {
  const [parent, name] = await parentOf(root, path);
  await (parent &&
    unlessMissing(parent.removeEntry(name, { recursive: true })));
}

/** Removes a directory if it is there and has nothing in it. */
export async function removeIfEmpty(
  root: FileSystemDirectoryHandle,
  path: readonly string[],
): Promise<void> {
  const [parent, name] = await parentOf(root, path);
  try {
    await (parent && unlessMissing(parent.removeEntry(name)));
  } catch (error) {
    // What is said of a directory that is not empty.
    if (!isDomException(error, "InvalidModificationError")) throw error;
  }
}

/** The names in a directory. */
export async function namesIn(
  directory: FileSystemDirectoryHandle,
): Promise<string[]> {
  const names: string[] = [];
  for await (const name of directory.keys()) names.push(name);
  return names;
}

/** `undefined` for what is not there. */
export async function unlessMissing<T>(
  promise: Promise<T>,
): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (isDomException(error, "NotFoundError")) return undefined;
    throw error;
  }
}

async function parentOf(
  root: FileSystemDirectoryHandle,
  path: readonly string[],
): Promise<[FileSystemDirectoryHandle | undefined, string]> {
  return [await findDirectory(root, path.slice(0, -1)), path.at(-1) ?? ""];
}

const isDomException = (error: unknown, name: string) =>
  error instanceof DOMException && error.name === name;
