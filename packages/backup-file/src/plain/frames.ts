import { createByteQueue } from "../bytes/byte-queue.js";
import { BackupFileError } from "../errors.js";
import type { BackupFileLimits } from "../limits.js";

/** The parts of a plain form. Each is a length-delimited field of the message `MessageBackup`. */
export type FrameKind = "header" | "element" | "manifest";

const tags: Record<FrameKind, number> = {
  header: 0x0a,
  element: 0x12,
  manifest: 0x1a,
};

/** One part: what it is, and its bytes without tag and length. */
export interface Frame {
  readonly kind: FrameKind;
  readonly bytes: Uint8Array;
}

/** Tag and length of a frame. */
export const framePrefix = (kind: FrameKind, length: number): Uint8Array => {
  const prefix = [tags[kind]];
  let rest = length;
  while (rest >= 128) {
    prefix.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  prefix.push(rest);
  return Uint8Array.from(prefix);
};

/** Cuts a plain form into its parts, whatever pieces it arrives in. */
export interface FrameParser {
  /**
   * Takes the next piece.
   *
   * @returns the parts that are now complete. Their bytes may be views of the pieces.
   * @throws BackupFileError `frameInvalid`, `recordTooLarge`, `headerInvalid`, `manifestInvalid`, `trailingData`
   */
  push(piece: Uint8Array): Frame[];
  /**
   * Says that there are no more pieces.
   *
   * @throws BackupFileError `recordTruncated`, `manifestMissing`, `headerInvalid`
   */
  end(): void;
  /** How many bytes lie before the manifest; `undefined` until it begins. */
  readonly manifestStart: number | undefined;
}

/** A parser at the start of a plain form. */
export const createFrameParser = (limits: BackupFileLimits): FrameParser => {
  const queue = createByteQueue();
  let consumed = 0;
  let kind: FrameKind | undefined;
  let length = 0;
  let expecting: "header" | "elements" | "nothing" = "header";
  let manifestStart: number | undefined;

  const kindOf = (tag: number): FrameKind => {
    if (expecting === "nothing")
      throw new BackupFileError("trailingData", "bytes follow the manifest");
    if (expecting === "header") {
      if (tag !== tags.header)
        throw new BackupFileError(
          "headerInvalid",
          "the content does not begin with a header",
        );
      return "header";
    }
    if (tag === tags.element) return "element";
    if (tag === tags.manifest) return "manifest";
    throw new BackupFileError(
      "frameInvalid",
      `byte ${consumed}: expected an element or the manifest`,
    );
  };

  const checkLength = (of: FrameKind, value: number): void => {
    const limit = {
      header: limits.maxHeaderBytes,
      element: limits.maxElementBytes,
      manifest: limits.maxManifestBytes,
    }[of];
    if (value <= limit) return;
    const code = {
      header: "headerInvalid",
      element: "recordTooLarge",
      manifest: "manifestInvalid",
    } as const;
    throw new BackupFileError(
      code[of],
      `byte ${consumed}: ${of} of ${value} bytes, at most ${limit} accepted`,
    );
  };

  /** Reads tag and length if they are all there. */
  const readPrefix = (): FrameKind | undefined => {
    if (queue.length === 0) return undefined;
    const found = kindOf(queue.at(0));
    if (found === "manifest") manifestStart = consumed;
    let value = 0;
    let scale = 1;
    for (let i = 1; i <= 5; i += 1) {
      if (i >= queue.length) return undefined;
      const byte = queue.at(i);
      value += (byte & 127) * scale;
      scale *= 128;
      if (byte >= 128) continue;
      checkLength(found, value);
      queue.skip(i + 1);
      consumed += i + 1;
      length = value;
      return found;
    }
    throw new BackupFileError(
      "frameInvalid",
      `byte ${consumed}: a length is longer than five bytes`,
    );
  };

  /** The elements that lie whole in one piece, as almost all do, but for those whose length is longer than two bytes. */
  const takeElements = (frames: Frame[]): void => {
    const bytes = queue.front();
    let at = 0;
    while (bytes[at] === tags.element) {
      let start = at + 2;
      let size = bytes[at + 1] ?? 128;
      if (size >= 128) {
        const second = bytes[at + 2] ?? 128;
        if (second >= 128) break;
        size = (size & 127) | (second << 7);
        start += 1;
      }
      if (size > bytes.length - start || size > limits.maxElementBytes) break;
      at = start + size;
      frames.push({ kind: "element", bytes: bytes.subarray(start, at) });
    }
    queue.skip(at);
    consumed += at;
  };

  return {
    push(piece) {
      queue.push(piece);
      const frames: Frame[] = [];
      for (;;) {
        if (kind === undefined && expecting === "elements")
          takeElements(frames);
        kind ??= readPrefix();
        if (kind === undefined || queue.length < length) return frames;
        frames.push({ kind, bytes: queue.take(length) });
        consumed += length;
        if (kind === "header") expecting = "elements";
        if (kind === "manifest") expecting = "nothing";
        kind = undefined;
      }
    },
    end() {
      if (expecting === "nothing") return;
      if (expecting === "header")
        throw new BackupFileError("headerInvalid", "the header is cut");
      if (kind !== undefined || queue.length > 0)
        throw new BackupFileError(
          "recordTruncated",
          `byte ${consumed}: the content ends inside a record`,
        );
      throw new BackupFileError(
        "manifestMissing",
        `byte ${consumed}: the content ends without a manifest`,
      );
    },
    get manifestStart() {
      return manifestStart;
    },
  };
};
