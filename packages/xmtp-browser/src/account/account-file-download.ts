import { type AccountFilePlace, CarryoverError } from "@carryover/client";
import { readBlob } from "./account-file-blob.js";
import { readParts } from "./read-parts.js";

/** A place in memory for a file that a person then saves. */
export interface AccountFileDownload extends AccountFilePlace {
  /**
   * The whole, checked file, for a download link: `URL.createObjectURL(file)`. Revoke the link, and let go of this, when it
   * was saved.
   *
   * @returns `undefined` until one was written
   */
  file(): Blob | undefined;
}

/**
 * Where a browser has no file picker to save with: the file is in memory, encrypted as it is, until a person has saved it.
 */
export function createAccountFileDownload(): AccountFileDownload {
  let whole: Blob | undefined;
  return {
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
