import { ProtocolError } from "./errors.js";

const maxAppNameChars = 64;
/** Three in a row are enough for living scripts; more paint over the lines around. */
const tooManyMarks = /\p{M}{4}/u;

/**
 * Checks what an app calls itself. The name stands in a prompt where a person decides about their whole history, so it
 * must be one line of visible text that looks alike wherever it is shown:
 *
 * - 1 to 64 code points;
 * - no control, format (bidirectional overrides, zero-width joiners), surrogate, private-use or unassigned characters,
 *   and none that is painted as nothing;
 * - no space but U+0020, and that neither at an end nor twice in a row;
 * - combining marks only behind another character, at most three in a row.
 *
 * Similar-looking letters are not caught: a name is never proof of who asks.
 *
 * @param value - what the app, or a request, says
 * @returns the same text
 * @throws {ProtocolError} `invalidField`; the message never holds the name
 */
export function parseAppName(value: string, path = "request.appName"): string {
  const fail = (why: string) =>
    new ProtocolError("invalidField", `${path}: ${why}`);
  const chars = [...value].length;
  if (chars < 1 || chars > maxAppNameChars)
    throw fail(`expected 1 to ${maxAppNameChars} characters, got ${chars}`);
  // U+2800 is the empty braille pattern.
  if (/[\p{C}\p{Default_Ignorable_Code_Point}\u2800]/u.test(value))
    throw fail("holds invisible characters");
  if (/[^\S ]|^ | $| {2}/u.test(value))
    throw fail("holds spaces other than single ones between words");
  if (/^\p{M}| \p{M}/u.test(value) || tooManyMarks.test(value))
    throw fail("holds combining marks without a character to carry them");
  return value;
}
