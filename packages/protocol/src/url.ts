import { ProtocolError } from "./errors.js";

const maxUrlChars = 2_048;

/**
 * Reads an absolute `http` or `https` URL without credentials or fragment. Which origins are allowed is the app's
 * policy and decided elsewhere.
 *
 * @throws {ProtocolError} `invalidField`; the message never holds the URL, since it carries a token or an id
 */
export function parseStorageUrl(value: string, path: string): string {
  const fail = (why: string) =>
    new ProtocolError("invalidField", `${path}: ${why}`);
  if (value.length > maxUrlChars)
    throw fail(`longer than ${maxUrlChars} characters`);
  if (!/^[\x21-\x7e]+$/.test(value)) throw fail("not a URL");
  if (!URL.canParse(value)) throw fail("not a URL");
  const url = new URL(value);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw fail("neither https nor http");
  if (url.username !== "" || url.password !== "")
    throw fail("holds credentials");
  if (url.hash !== "" || value.includes("#")) throw fail("holds a fragment");
  return url.href;
}
