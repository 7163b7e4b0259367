import { BackupFileError } from "../errors.js";

/** The error for malformed zstd data. @param message what is wrong with it */
export const zstdInvalid = (message: string): BackupFileError =>
  new BackupFileError("zstdInvalid", `zstd: ${message}`);
