import { equalBytes } from "../bytes/bytes.js";
import { elementRecord } from "../element/record.js";
import type { BackupElementRecord } from "../element/view.js";
import { BackupFileError } from "../errors.js";
import type { BackupFileLimits } from "../limits.js";
import type { BackupFilePorts } from "../ports/ports.js";
import { parseHeader, parseManifest } from "./codec.js";
import { compareCounts } from "./compare.js";
import { createElementCounter } from "./counter.js";
import { createFrameParser } from "./frames.js";
import type { MessageBackupHeader, MessageBackupManifest } from "./types.js";

/** What comes out of a plain form, in its order. */
export type PlainFormEvent =
  | { readonly kind: "header"; readonly header: MessageBackupHeader }
  | {
      readonly kind: "elements";
      readonly elements: readonly BackupElementRecord[];
    }
  | { readonly kind: "manifest"; readonly manifest: MessageBackupManifest };

/**
 * Reads a plain form. The manifest comes last, and only when everything agrees with it: until then what was yielded is
 * provisional.
 *
 * @throws BackupFileError for anything that is wrong with it, or what `pieces` throws
 */
export async function* readPlainForm(
  pieces: AsyncIterable<Uint8Array>,
  ports: Pick<BackupFilePorts, "createSha256">,
  limits: BackupFileLimits,
): AsyncGenerator<PlainFormEvent, void, undefined> {
  const parser = createFrameParser(limits);
  const counter = createElementCounter(limits);
  const sha256 = ports.createSha256();
  let seen = 0;
  let manifest: MessageBackupManifest | undefined;

  for await (const piece of pieces) {
    const frames = parser.push(piece);
    const hashed = (parser.manifestStart ?? Infinity) - seen;
    if (hashed > 0)
      sha256.update(hashed < piece.length ? piece.subarray(0, hashed) : piece);
    seen += piece.length;

    const elements: BackupElementRecord[] = [];
    for (const frame of frames)
      switch (frame.kind) {
        case "header":
          yield { kind: "header", header: parseHeader(frame.bytes) };
          break;
        case "element": {
          const record = elementRecord(frame.bytes);
          counter.add(record);
          elements.push(record);
          break;
        }
        case "manifest":
          manifest = parseManifest(frame.bytes, limits.maxConversations);
          break;
      }
    if (elements.length > 0) yield { kind: "elements", elements };
  }
  parser.end();
  if (manifest === undefined)
    throw new BackupFileError("manifestMissing", "there is no manifest");
  compareCounts(manifest, counter.counts());
  if (!equalBytes(manifest.sha256, sha256.digest()))
    throw new BackupFileError(
      "contentMismatch",
      "manifest.sha256: it is not the hash of the content",
    );
  yield { kind: "manifest", manifest };
}
