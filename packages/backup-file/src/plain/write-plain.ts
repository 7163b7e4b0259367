import type { BackupElementRecord } from "../element/view.js";
import type { BackupFileLimits } from "../limits.js";
import type { BackupFilePorts } from "../ports/ports.js";
import { BackupFileError } from "../errors.js";
import { encodeHeader, encodeManifest } from "./codec.js";
import type { ElementCounter } from "./counter.js";
import { framePrefix, type FrameKind } from "./frames.js";
import type {
  LeftOut,
  MessageBackupHeaderInput,
  MessageBackupManifest,
} from "./types.js";

const BLOCK_BYTES = 64 * 1024;

/** Collects small frames into blocks, so that what follows works on few large pieces. */
const createBlockWriter = () => {
  let block = new Uint8Array(BLOCK_BYTES);
  let used = 0;
  const flush = (): Uint8Array[] => {
    if (used === 0) return [];
    const full = block.subarray(0, used);
    block = new Uint8Array(BLOCK_BYTES);
    used = 0;
    return [full];
  };
  return {
    /** Appends bytes; returns the blocks that are full. */
    write(bytes: Uint8Array): Uint8Array[] {
      if (bytes.length <= BLOCK_BYTES - used) {
        block.set(bytes, used);
        used += bytes.length;
        return [];
      }
      const full = flush();
      if (bytes.length > BLOCK_BYTES / 4) full.push(bytes);
      else {
        block.set(bytes, 0);
        used = bytes.length;
      }
      return full;
    },
    flush,
  };
};

/** What the writer of a plain form works on. */
export interface PlainFormSource {
  readonly header: MessageBackupHeaderInput;
  readonly elements:
    AsyncIterable<BackupElementRecord> | Iterable<BackupElementRecord>;
  readonly counter: ElementCounter;
  /** Asked when the last element has passed. */
  leftOut(): readonly LeftOut[];
  /** Told when the manifest is made. */
  onManifest(manifest: MessageBackupManifest): void;
}

/**
 * Writes a plain form: header, elements, manifest.
 *
 * @throws BackupFileError `recordTooLarge`, `limitExceeded`, or what `elements` throws
 */
export async function* writePlainForm(
  source: PlainFormSource,
  ports: Pick<BackupFilePorts, "createSha256">,
  limits: BackupFileLimits,
): AsyncGenerator<Uint8Array, void, undefined> {
  const blocks = createBlockWriter();
  const sha256 = ports.createSha256();
  const frame = (kind: FrameKind, bytes: Uint8Array): Uint8Array[] => {
    const full = blocks.write(framePrefix(kind, bytes.length));
    full.push(...blocks.write(bytes));
    for (const block of full) sha256.update(block);
    return full;
  };

  yield* frame("header", encodeHeader(source.header));
  for await (const record of source.elements) {
    if (record.bytes.length > limits.maxElementBytes)
      throw new BackupFileError(
        "recordTooLarge",
        `element ${source.counter.elementCount}: ${record.bytes.length} bytes, at most ${limits.maxElementBytes} accepted`,
      );
    source.counter.add(record);
    const full = frame("element", record.bytes);
    // Almost always empty: no generator step for it.
    if (full.length > 0) yield* full;
  }
  for (const block of blocks.flush()) {
    sha256.update(block);
    yield block;
  }
  const manifest: MessageBackupManifest = {
    sha256: sha256.digest(),
    ...source.counter.counts(),
    leftOut: source.leftOut(),
  };
  const bytes = encodeManifest(manifest);
  yield framePrefix("manifest", bytes.length);
  yield bytes;
  source.onManifest(manifest);
}
