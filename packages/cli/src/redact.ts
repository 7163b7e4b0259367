/**
 * Takes out of a foreign error's text whatever could be a secret: addresses beyond their origin, keys and long ids.
 *
 * @returns one line of at most 300 characters
 */
export function redact(text: string): string {
  return text
    .replace(/AGE-SECRET-KEY-[0-9A-Z-]+/gi, "<key>")
    .replace(/\b([a-z][a-z0-9+.-]*:\/\/[^\s/"'?#]+)[^\s"')]*/gi, "$1")
    .replace(/\b(?:0x)?[0-9a-f]{32,}\b/gi, (id) => `${id.slice(0, 8)}…`)
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, 300);
}
