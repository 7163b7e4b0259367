import { ProtocolError } from "./errors.js";

const maxUrlChars = 2_048;

/**
 * RFC 3986 without user information and fragment, in ASCII: scheme, host name without a trailing dot or bracketed IPv6
 * address, port, path and query. What URL parsers repair or read differently (backslashes, spaces, missing or extra
 * slashes, percent signs in the host) does not match.
 */
const form =
  /^https?:\/\/(?:[A-Z0-9_-]+(?:\.[A-Z0-9_-]+)*|\[[0-9A-F:.]+\])(?::[0-9]{1,5})?(?:[/?](?:[A-Z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-F]{2})*)?$/i;

/**
 * Reads an absolute `http` or `https` URL without credentials or fragment. Which origins are allowed is the app's
 * policy and decided elsewhere.
 *
 * @param value - at most 2,048 characters
 * @param path - names the field in errors
 * @returns the URL in canonical form: lower-case scheme and host, no default port, no dot segments
 * @throws {ProtocolError} `invalidField`; the message never holds the URL, since it carries a token or an id
 */
export function parseStorageUrl(value: string, path: string): string {
  const fail = (why: string) =>
    new ProtocolError("invalidField", `${path}: ${why}`);
  if (value.length > maxUrlChars)
    throw fail(`longer than ${maxUrlChars} characters`);
  if (!form.test(value) || !URL.canParse(value))
    throw fail(
      "not an absolute http or https URL without credentials and fragment",
    );
  const { href } = new URL(value);
  if (href.length > maxUrlChars)
    throw fail(`longer than ${maxUrlChars} characters`);
  return href;
}

/**
 * Reads a URL of a message. Only the canonical form travels, so that every reader connects to the same place.
 *
 * @throws {ProtocolError} `invalidField`
 */
export function parseCanonicalStorageUrl(value: string, path: string): string {
  if (parseStorageUrl(value, path) !== value)
    throw new ProtocolError("invalidField", `${path}: not in canonical form`);
  return value;
}
