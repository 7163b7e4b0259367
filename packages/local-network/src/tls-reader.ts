import { LocalNetworkError } from "./errors.js";

/** Reads the TLS presentation language as MLS uses it (RFC 9420, section 2). */
export interface TlsReader {
  /** Offset of the next byte. */
  readonly offset: number;
  readonly remaining: number;
  uint8(field: string): number;
  uint16(field: string): number;
  uint32(field: string): number;
  uint64(field: string): bigint;
  /** A vector with a variable-size length header (RFC 9420, section 2.1.2); a view, not a copy. */
  vector(field: string): Uint8Array;
}

/**
 * Creates a reader over `bytes`. Every method throws `LocalNetworkError` with code `malformedMls` when the bytes end
 * too early or a length header is not the shortest form.
 */
export function createTlsReader(bytes: Uint8Array): TlsReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let offset = 0;

  const take = (length: number, field: string): number => {
    if (length > bytes.length - offset) {
      throw new LocalNetworkError(
        "malformedMls",
        `${field}: expected ${length} bytes at offset ${offset}, found ${bytes.length - offset}`,
      );
    }
    const start = offset;
    offset += length;
    return start;
  };

  const vectorLength = (field: string): number => {
    const first = view.getUint8(take(1, `${field}.length`));
    const lengthBytes = 1 << (first >> 6);
    if (lengthBytes === 8) {
      throw new LocalNetworkError(
        "malformedMls",
        `${field}.length: prefix 3 is not allowed`,
      );
    }
    const start = take(lengthBytes - 1, `${field}.length`);
    let length = first & 0x3f;
    for (let at = start; at < offset; at += 1) {
      length = length * 256 + view.getUint8(at);
    }
    // "the minimum number of bits necessary": RFC 9420, section 2.1.2
    if (lengthBytes > 1 && length < 2 ** (lengthBytes * 4 - 2)) {
      throw new LocalNetworkError(
        "malformedMls",
        `${field}.length: ${length} is not in its shortest form`,
      );
    }
    return length;
  };

  return {
    get offset() {
      return offset;
    },
    get remaining() {
      return bytes.length - offset;
    },
    uint8: (field) => view.getUint8(take(1, field)),
    uint16: (field) => view.getUint16(take(2, field)),
    uint32: (field) => view.getUint32(take(4, field)),
    uint64: (field) => view.getBigUint64(take(8, field)),
    vector: (field) => {
      const length = vectorLength(field);
      const start = take(length, field);
      return bytes.subarray(start, start + length);
    },
  };
}
