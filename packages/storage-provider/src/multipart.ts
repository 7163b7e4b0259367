import { StorageProviderError } from "./storage-provider-error.js";

/** Reads a `multipart/form-data` body (RFC 7578) that holds one file and nothing else. */
export interface SingleFileParser {
  /**
   * @param chunk the next bytes of the body
   * @returns bytes of the file, in order, as views on what was pushed
   * @throws StorageProviderError `body-malformed`, `file-missing`, `file-repeated`
   */
  push(chunk: Uint8Array): readonly Uint8Array[];
  /**
   * Call at the end of the body.
   *
   * @throws StorageProviderError `body-malformed` where the body is cut, `file-missing`
   */
  end(): void;
}

const maxHeaderBytes = 8 * 1024;
const maxHeaders = 16;
const maxPreambleBytes = 4 * 1024;
const maxEpilogueBytes = 4 * 1024;

/** Most bytes that a body may have beside its file: preamble, part headers, boundaries, epilogue. */
export const maxEnvelopeBytes =
  maxPreambleBytes + maxHeaderBytes + maxEpilogueBytes + 1024;

const crlf = Buffer.from("\r\n");
const blankLine = Buffer.from("\r\n\r\n");
const headerPattern = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;

/**
 * @param contentType value of the request's `Content-Type`
 * @returns the boundary
 * @throws StorageProviderError `media-type` for another type, `body-malformed` for a missing or odd boundary
 */
export function multipartBoundary(contentType: string | undefined): string {
  const type = contentType?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "multipart/form-data") {
    throw new StorageProviderError(
      "media-type",
      "expected multipart/form-data",
    );
  }
  const parameter =
    /;[ \t]*boundary=(?:"([^"\\]{1,70})"|([^\s";,]{1,70}))[ \t]*(?:;|$)/i.exec(
      contentType ?? "",
    );
  const boundary = parameter?.[1] ?? parameter?.[2];
  // RFC 2046 section 5.1.1: bcharsnospace and inner spaces, at most 70 characters.
  if (
    boundary === undefined ||
    !/^[0-9A-Za-z'()+_,\-./:=? ]*[0-9A-Za-z'()+_,\-./:=?]$/.test(boundary)
  ) {
    throw new StorageProviderError(
      "body-malformed",
      "Content-Type: expected one boundary of 1 to 70 characters",
    );
  }
  return boundary;
}

/**
 * @param boundary from {@link multipartBoundary}
 * @returns a parser that holds at most one header block, or a boundary's length of the file
 */
export function createSingleFileParser(boundary: string): SingleFileParser {
  const delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
  // The first boundary has no line end before it when there is no preamble: pretend there was one.
  let held: Buffer = crlf;
  let state: "preamble" | "boundary" | "headers" | "file" | "epilogue" =
    "preamble";
  let files = 0;
  let skipped = 0;
  let empty = true;

  const skip = (bytes: number, limit: number, what: string) => {
    skipped += bytes;
    if (skipped > limit) malformed(`${what}: more than ${limit} bytes`);
  };

  /** One step of the machine: what it took from the front, or `undefined` where it needs more bytes. */
  const step = (input: Buffer, out: Uint8Array[]): number | undefined => {
    switch (state) {
      case "preamble":
      case "file": {
        const at = input.indexOf(delimiter);
        const taken = at < 0 ? input.length - overlap(input, delimiter) : at;
        if (state === "file") {
          if (taken > 0) out.push(input.subarray(0, taken));
        } else {
          skip(taken, maxPreambleBytes, "preamble");
        }
        if (at < 0) return taken > 0 ? taken : undefined;
        state = "boundary";
        return at + delimiter.length;
      }
      case "boundary": {
        if (input.length < 2) return undefined;
        if (input.subarray(0, 2).equals(crlf)) {
          if (files > 0) {
            throw new StorageProviderError(
              "file-repeated",
              "expected one part, a file",
            );
          }
          state = "headers";
          // The line end stays: a part without headers begins with the blank line.
          return 0;
        }
        if (input[0] === 0x2d && input[1] === 0x2d) {
          state = "epilogue";
          skipped = 0;
          return 2;
        }
        return malformed("expected a line end or -- after the boundary");
      }
      case "headers": {
        const at = input.indexOf(blankLine);
        if (at > maxHeaderBytes || (at < 0 && input.length > maxHeaderBytes)) {
          malformed(`part headers: more than ${maxHeaderBytes} bytes`);
        }
        if (at < 0) return undefined;
        checkPartHeaders(input.subarray(2, Math.max(2, at)).toString("latin1"));
        files += 1;
        state = "file";
        return at + blankLine.length;
      }
      case "epilogue":
        skip(input.length, maxEpilogueBytes, "epilogue");
        return input.length > 0 ? input.length : undefined;
    }
  };

  return {
    push(chunk) {
      const bytes = Buffer.from(
        chunk.buffer,
        chunk.byteOffset,
        chunk.byteLength,
      );
      if (bytes.length > 0) empty = false;
      let input = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      const out: Uint8Array[] = [];
      for (;;) {
        const taken = step(input, out);
        if (taken === undefined) break;
        input = input.subarray(taken);
      }
      held = input;
      return out;
    },
    end() {
      if (state === "epilogue") {
        if (files === 0) {
          throw new StorageProviderError("file-missing", "there is no part");
        }
        return;
      }
      if (empty) {
        throw new StorageProviderError("file-missing", "the body is empty");
      }
      malformed(`the body ends inside its ${state}`);
    },
  };
}

/** The part must be a file (RFC 7578 section 4.2). Its name is the sender's: it is neither kept nor used. */
function checkPartHeaders(block: string): void {
  const lines = block === "" ? [] : block.split("\r\n");
  if (lines.length > maxHeaders) {
    malformed(`part headers: more than ${maxHeaders}`);
  }
  let disposition: string | undefined;
  for (const line of lines) {
    const match = headerPattern.exec(line);
    if (match === null) malformed("part headers: expected name and value");
    const [name, value] = [match[1]?.toLowerCase(), match[2] ?? ""];
    if (name === "content-disposition") {
      if (disposition !== undefined) {
        malformed("part headers: more than one Content-Disposition");
      }
      disposition = value;
    }
    if (
      name === "content-transfer-encoding" &&
      !["binary", "8bit", "7bit"].includes(value.toLowerCase())
    ) {
      malformed("part headers: expected the file without transfer encoding");
    }
  }
  const parameters =
    disposition === undefined ? undefined : formDataParameters(disposition);
  if (parameters === undefined) {
    malformed("part headers: expected Content-Disposition: form-data");
  }
  if (!parameters.includes("filename") && !parameters.includes("filename*")) {
    throw new StorageProviderError("file-missing", "the part is not a file");
  }
}

/** @returns names of the parameters; `undefined` where it is not well-formed form-data */
function formDataParameters(value: string): readonly string[] | undefined {
  const type = /^form-data[ \t]*(?=;|$)/i.exec(value);
  if (type === null) return undefined;
  const parameter =
    /[ \t]*;[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)=(?:"(?:[^"\\]|\\.)*"|[^";\s]*)[ \t]*/y;
  const names: string[] = [];
  let at = type[0].length;
  while (at < value.length) {
    parameter.lastIndex = at;
    const match = parameter.exec(value);
    if (match === null) return undefined;
    names.push((match[1] ?? "").toLowerCase());
    at = parameter.lastIndex;
  }
  return names;
}

function malformed(detail: string): never {
  throw new StorageProviderError("body-malformed", detail);
}

/** How many bytes at the end of `input` may be the beginning of `needle`. */
function overlap(input: Buffer, needle: Buffer): number {
  const from = Math.max(0, input.length - needle.length + 1);
  for (
    let at = input.indexOf(0x0d, from);
    at >= 0;
    at = input.indexOf(0x0d, at + 1)
  ) {
    const length = input.length - at;
    if (input.compare(needle, 0, length, at) === 0) return length;
  }
  return 0;
}
