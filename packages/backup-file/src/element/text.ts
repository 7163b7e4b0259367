import { BackupFileError } from "../errors.js";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** UTF-8 as text. @throws BackupFileError `recordInvalid` when it is not */
export const text = (bytes: Uint8Array): string => {
  try {
    return utf8.decode(bytes);
  } catch (cause) {
    throw new BackupFileError("recordInvalid", "a text is not UTF-8", cause);
  }
};
