import { filesDirectory } from "../names.js";
import { listPrivateDirectory, removePrivateDirectory } from "./part-files.js";

/** When nothing of Carryover's own is left in the origin private file system. */
export async function removeEmptyFilesDirectory(): Promise<void> {
  if ((await listPrivateDirectory(filesDirectory)).length === 0)
    await removePrivateDirectory([filesDirectory]);
}
