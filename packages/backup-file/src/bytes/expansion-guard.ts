import { BackupFileError } from "../errors.js";
import type { BackupFileLimits } from "../limits.js";

/** Stops a decompressor whose output outgrows its input. */
export interface ExpansionGuard {
  /** Notes compressed bytes. */
  addInput(bytes: number): void;
  /** Notes expanded bytes. @throws BackupFileError `decompressionBomb` */
  addOutput(bytes: number): void;
}

/** A guard at zero. */
export const createExpansionGuard = (
  limits: Pick<
    BackupFileLimits,
    "maxExpandedBytes" | "maxExpansionRatio" | "ratioFreeBytes"
  >,
): ExpansionGuard => {
  let compressed = 0;
  let expanded = 0;
  return {
    addInput(bytes) {
      compressed += bytes;
    },
    addOutput(bytes) {
      expanded += bytes;
      if (expanded > limits.maxExpandedBytes)
        throw new BackupFileError(
          "decompressionBomb",
          `expands to more than ${limits.maxExpandedBytes} bytes`,
        );
      if (
        expanded > limits.ratioFreeBytes &&
        expanded > compressed * limits.maxExpansionRatio
      )
        throw new BackupFileError(
          "decompressionBomb",
          `expands more than ${limits.maxExpansionRatio} times`,
        );
    },
  };
};
