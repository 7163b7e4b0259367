const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** What a reader accepts. Every length that a file declares is checked against these before memory is set aside. */
export interface BackupFileLimits {
  /** The age header, in bytes: recipients and their stanzas. */
  readonly maxAgeHeaderBytes: number;
  /** The header of the plain form, in bytes. */
  readonly maxHeaderBytes: number;
  /** One element, in bytes. XMTP messages end at 50 MB. */
  readonly maxElementBytes: number;
  /** The manifest, in bytes. */
  readonly maxManifestBytes: number;
  /** Conversations in one file; about 300 bytes of memory each. */
  readonly maxConversations: number;
  /** The whole plain form, in bytes. */
  readonly maxExpandedBytes: number;
  /** How many times its compressed size the plain form may be, once it is larger than `ratioFreeBytes`. */
  readonly maxExpansionRatio: number;
  /** The plain form may expand by any ratio up to this many bytes: a few long, repetitive messages are no bomb. */
  readonly ratioFreeBytes: number;
  /** The history window that an XMTP archive's zstd frame may ask for, in bytes. */
  readonly maxZstdWindowBytes: number;
}

/** Limits that no honest history reaches. */
export const defaultLimits: BackupFileLimits = {
  maxAgeHeaderBytes: 64 * KiB,
  maxHeaderBytes: 64 * KiB,
  maxElementBytes: 64 * MiB,
  maxManifestBytes: 64 * MiB,
  maxConversations: 200_000,
  maxExpandedBytes: 1024 * GiB,
  maxExpansionRatio: 100,
  ratioFreeBytes: GiB,
  maxZstdWindowBytes: 8 * MiB,
};

/** The default limits with some of them replaced. */
export const withLimits = (
  some: Partial<BackupFileLimits> | undefined,
): BackupFileLimits => ({ ...defaultLimits, ...some });
