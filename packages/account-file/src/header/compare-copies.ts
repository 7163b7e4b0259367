import type { AccountFileHeader } from "./types.js";

/** What tells two copies of a Backup Account File apart: a header, or what an app noted of one. */
export type CopyIdentity = Pick<
  AccountFileHeader,
  "installationId" | "sequence" | "refreshedAtNs"
>;

/**
 * How one copy stands to another: `otherInstallation` is another file altogether; `diverged` means that both were
 * refreshed from the same older copy, so that each may have what the other lacks.
 */
export type CopyRelation =
  "same" | "older" | "newer" | "diverged" | "otherInstallation";

/** How `copy` stands to `known`. An `older` copy misses conversations that began after the newer one was made. */
export const compareCopies = (
  copy: CopyIdentity,
  known: CopyIdentity,
): CopyRelation => {
  if (copy.installationId !== known.installationId) return "otherInstallation";
  if (copy.sequence !== known.sequence)
    return copy.sequence < known.sequence ? "older" : "newer";
  return copy.refreshedAtNs === known.refreshedAtNs ? "same" : "diverged";
};
