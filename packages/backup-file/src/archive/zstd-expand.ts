import { Decompress } from "fzstd";
import { BackupFileError } from "../errors.js";

/** Expands one zstd frame. */
export async function* zstdExpand(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let out: Uint8Array[] = [];
  const decompress = new Decompress((piece) => out.push(piece));
  const push = (piece: Uint8Array, last: boolean): Uint8Array[] => {
    try {
      decompress.push(piece, last);
    } catch (cause) {
      throw new BackupFileError(
        last ? "archiveTruncated" : "zstdInvalid",
        "zstd data is malformed or cut",
        cause,
      );
    }
    const pieces = out;
    out = [];
    return pieces;
  };
  for await (const piece of source) yield* push(piece, false);
  yield* push(new Uint8Array(0), true);
}
