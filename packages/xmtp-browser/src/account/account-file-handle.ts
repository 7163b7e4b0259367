import {
  type AccountFilePlace,
  asCarryoverError,
  CarryoverError,
} from "@carryover/client";
import { isMissing, readBlob } from "./account-file-blob.js";
import { createAccountFileDownload } from "./account-file-download.js";

/**
 * A Backup Account File at a place that a person chose with `showSaveFilePicker` or `showOpenFilePicker`. A newer file is
 * made and checked in memory first; the browser then writes it beside the old one and puts it in its place at the end.
 *
 * A save picker makes an empty file: that counts as none.
 *
 * @param handle - with permission to read, and to write where the file is to be written
 */
export function accountFileAtHandle(
  handle: FileSystemFileHandle,
): AccountFilePlace {
  const find = async () => {
    try {
      const file = await handle.getFile();
      return file.size === 0 ? undefined : file;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw asCarryoverError(error, "diskError", "the file cannot be read");
    }
  };
  return {
    open: async () => {
      const file = await find();
      if (file === undefined)
        throw new CarryoverError("accountFileNotFound", "there is no file");
      return readBlob(file);
    },
    exists: async () => (await find()) !== undefined,
    write: async (file, { ifThere, check }) => {
      const aside = createAccountFileDownload();
      await aside.write(file, { ifThere: "refuse", check });
      if (ifThere === "refuse" && (await find()) !== undefined)
        throw new CarryoverError("accountFileExists", "there is a file");
      await onDisk("the Backup Account File could not be written", async () => {
        const place = await handle.createWritable({ keepExistingData: false });
        // Closing is what puts it into its place.
        await (await aside.open()).pipeTo(place);
      });
      // The browser may have asked the system to scan it, or the disk may be full: what counts is what is there now.
      const whole = await find();
      if (whole === undefined || whole.size !== aside.file()?.size)
        throw new CarryoverError(
          "diskError",
          "what is in the place is not what was written",
        );
    },
  };
}

async function onDisk<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asCarryoverError(error, "diskError", what);
  }
}
