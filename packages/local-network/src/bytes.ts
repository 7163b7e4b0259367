/** Lower-case hex of bytes. It also serves as the key of every index, since byte arrays have no value equality. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString(
    "hex",
  );
}

/** Whether two byte arrays have the same content. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** A copy that keeps nothing else alive: what arrives in a call is a view into a much larger buffer. */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
