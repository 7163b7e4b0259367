/** `0x…` of the UTF-8 bytes of a text. */
export function hexOfText(text: string): string {
  return `0x${hexOfBytes(new TextEncoder().encode(text))}`;
}

/** Lower-case hex, without `0x`. */
export function hexOfBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(
    "",
  );
}

/** @returns `undefined` for what is no hex, with or without `0x` */
export function bytesOfHex(text: string): Uint8Array | undefined {
  const digits = text.replace(/^0x/, "");
  if (digits.length % 2 !== 0 || !/^[0-9a-fA-F]+$/.test(digits))
    return undefined;
  return Uint8Array.from({ length: digits.length / 2 }, (_, index) =>
    Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16),
  );
}
