/** The start of an id, enough to tell a few apart. */
export function shortId(id: string): string {
  return `${id.slice(0, 8)}…`;
}

/** `0x1234…cdef` */
export function shortAddress(address: string): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`;
}

/** Now, nanoseconds since 1970. */
export function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

/**
 * Text that somebody else chose, on one line: without control characters and without those that turn the direction of
 * writing, which could make it look like something else. What joins the parts of an emoji, or letters, stays.
 */
export function printable(text: string): string {
  return text
    .replaceAll(/(?:[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf})+/gu, " ")
    .replaceAll(/^[\s\u200c\u200d]+|[\s\u200c\u200d]+$/g, "");
}
