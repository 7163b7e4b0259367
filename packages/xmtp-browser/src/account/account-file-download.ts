import { type AccountFilePlace, CarryoverError } from "@carryover/client";
import { readBlob } from "./account-file-blob.js";
import { readParts } from "./read-parts.js";

/** A place in memory for a file that a person then saves. */
export interface AccountFileDownload extends AccountFilePlace {
  readonly lasts: "untilSaved";
  /**
   * The whole, checked file, for a download link: `URL.createObjectURL(file)`. Revoke the link, and let go of this, when it
   * was saved; of a new file, say so with `confirmBackupAccountFileSaved`.
   *
   * @returns `undefined` until one was written
   */
  file(): Blob | undefined;
}

/**
 * Where a browser has no file picker to save with: the file is in memory, encrypted as it is, until a person has saved it.
 * When the page dies before that, the next visit learns of a new file from `fetchUnfinishedBackupAccountFiles`. Of one that was
 * refreshed the older file is still where it was, and opens; once the key package was renewed, refreshing that one again is
 * refused as an older copy's (`accountFileOlderCopy`), unless `olderCopy: "refreshAnyway"` is given.
 */
export function createAccountFileDownload(): AccountFileDownload {
  let whole: Blob | undefined;
  return {
    lasts: "untilSaved",
    file: () => whole,
    open: async () => {
      if (whole === undefined)
        throw new CarryoverError("accountFileNotFound", "nothing was written");
      return readBlob(whole);
    },
    exists: async () => whole !== undefined,
    write: async (file, { ifThere, check }) => {
      const written = new Blob(await readParts(file));
      await check(readBlob(written));
      if (whole !== undefined && ifThere === "refuse")
        throw new CarryoverError("accountFileExists", "there is a file");
      whole = written;
    },
  };
}
