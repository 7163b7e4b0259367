const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;

/** What a reader accepts. Every size that a file declares is checked against these before memory is set aside. */
export interface AccountFileLimits {
  /** The age header, in bytes. */
  readonly maxAgeHeaderBytes: number;
  /** The header inside, in bytes, with its line feed. */
  readonly maxHeaderBytes: number;
  /** The database, in bytes. */
  readonly maxDatabaseBytes: number;
  /** How many times its compressed size the database may be, once it is larger than `ratioFreeBytes`. */
  readonly maxExpansionRatio: number;
  /** The database may expand by any ratio up to this many bytes: a fresh one is mostly empty pages. */
  readonly ratioFreeBytes: number;
  /**
   * scrypt's work factor, as the power of two that age writes. One more doubles time and memory: 18 takes 256 MiB, 20
   * takes 1 GiB.
   */
  readonly maxScryptWorkFactor: number;
}

/** Limits that no honest file reaches. */
export const defaultLimits: AccountFileLimits = {
  maxAgeHeaderBytes: 64 * KiB,
  maxHeaderBytes: 16 * KiB,
  maxDatabaseBytes: 16 * GiB,
  maxExpansionRatio: 100,
  ratioFreeBytes: 256 * MiB,
  maxScryptWorkFactor: 20,
};

/** The default limits with some of them replaced. */
export const withLimits = (
  some: Partial<AccountFileLimits> | undefined,
): AccountFileLimits => ({ ...defaultLimits, ...some });

/** What a writer may choose for scrypt: what is quick to guess is refused, and so is what many devices cannot open. */
export const scryptWorkFactors = { min: 15, default: 18, max: 20 } as const;
