/**
 * @param text from outside
 * @param byteLength how many bytes it must hold
 * @returns the bytes, or `undefined` where the text is not the one canonical spelling of that many
 */
export function decodeBase64Url(
  text: string,
  byteLength: number,
): Buffer | undefined {
  if (text.length !== Math.ceil((byteLength * 4) / 3)) return undefined;
  const bytes = Buffer.from(text, "base64url");
  return bytes.byteLength === byteLength && bytes.toString("base64url") === text
    ? bytes
    : undefined;
}
