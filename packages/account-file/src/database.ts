import { bytesToHex } from "@noble/hashes/utils.js";
import { createPortablePorts } from "@carryover/backup-file";
import {
  chunksOf,
  concatBytes,
  equalBytes,
} from "@carryover/backup-file/layers";
import { AccountFileError, type AccountFileErrorCode } from "./errors.js";
import type { AccountFilePorts } from "./ports.js";
import { translate } from "./translate.js";

/** What every SQLite database begins with that is not encrypted. */
const SQLITE_MAGIC = new TextEncoder().encode("SQLite format 3\0");

/** Size and hash of a database. */
export interface MeasuredDatabase {
  readonly sizeBytes: number;
  /** 32 bytes. */
  readonly sha256: Uint8Array;
}

/** Reads a database to its end. @throws AccountFileError `sourceFailed`, `aborted` */
export const measureDatabase = async (
  database: ReadableStream<Uint8Array>,
  options: {
    readonly ports?: Pick<AccountFilePorts, "createSha256">;
    readonly signal?: AbortSignal;
  } = {},
): Promise<MeasuredDatabase> => {
  const hash = (options.ports ?? createPortablePorts()).createSha256();
  let sizeBytes = 0;
  try {
    for await (const chunk of chunksOf(database, options.signal)) {
      hash.update(chunk);
      sizeBytes += chunk.length;
    }
  } catch (error) {
    throw translate(error);
  }
  return { sizeBytes, sha256: hash.digest() };
};

/** Which error a database gives that is not what was declared, and one that is no SQLite database. */
export interface DatabaseCheckCodes {
  readonly mismatch: AccountFileErrorCode;
  readonly noDatabase: AccountFileErrorCode;
}

/**
 * Hands on a database piece by piece and holds it against what was declared of it.
 *
 * @throws AccountFileError with one of `codes`, at the first byte too many or after the last
 */
export async function* checkedDatabase(
  pieces: AsyncIterable<Uint8Array>,
  declared: MeasuredDatabase,
  codes: DatabaseCheckCodes,
  ports: Pick<AccountFilePorts, "createSha256">,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = ports.createSha256();
  let sizeBytes = 0;
  let start = new Uint8Array(0);
  const checkStart = (piece: Uint8Array): void => {
    if (start.length === SQLITE_MAGIC.length) return;
    const more = piece.subarray(0, SQLITE_MAGIC.length - start.length);
    start = Uint8Array.from(concatBytes([start, more]));
    if (!equalBytes(start, SQLITE_MAGIC.subarray(0, start.length)))
      throw new AccountFileError(
        codes.noDatabase,
        "database: it does not begin as an unencrypted SQLite database",
      );
  };
  for await (const piece of pieces) {
    sizeBytes += piece.length;
    if (sizeBytes > declared.sizeBytes)
      throw new AccountFileError(
        codes.mismatch,
        `database: expected ${declared.sizeBytes} bytes, got more`,
      );
    checkStart(piece);
    hash.update(piece);
    yield piece;
  }
  if (sizeBytes < declared.sizeBytes)
    throw new AccountFileError(
      codes.mismatch,
      `database: expected ${declared.sizeBytes} bytes, got ${sizeBytes}`,
    );
  if (start.length < SQLITE_MAGIC.length)
    throw new AccountFileError(
      codes.noDatabase,
      `database: expected at least ${SQLITE_MAGIC.length} bytes`,
    );
  if (bytesToHex(hash.digest()) !== bytesToHex(declared.sha256))
    throw new AccountFileError(
      codes.mismatch,
      "database: its SHA-256 is not the declared one",
    );
}
