const MiB = 1024 ** 2;

/** Largest object of S3, in bytes: 5 TiB. */
export const maxObjectBytes = 5 * 1024 ** 4;

/** Smallest part but the last, in bytes: 5 MiB. */
export const minPartBytes = 5 * MiB;

/** Parts of an object of Amazon S3 and most others. */
const mostParts = 10_000;
/** Parts that OpenStack Swift takes, where its operator has not set more. */
const fewParts = 1_000;
const usualPartBytes = 64 * MiB;

/**
 * The size of the parts in which a file goes up. All parts but the last are of one size, which some services ask for;
 * so it follows from the largest file that the ticket admits, as the file's own size is known at its end only.
 *
 * @param maxBytes of the ticket, up to {@link maxObjectBytes}
 * @returns so many bytes that 1,000 parts are enough for files up to 62.5 GiB, and 10,000 for larger ones
 */
export function partBytesFor(maxBytes: number): number {
  return Math.max(
    minPartBytes,
    Math.min(usualPartBytes, Math.ceil(maxBytes / fewParts)),
    Math.ceil(maxBytes / mostParts),
  );
}
