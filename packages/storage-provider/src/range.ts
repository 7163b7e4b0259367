import type { ByteRange } from "./blob-store.js";

/**
 * Reads a `Range` header (RFC 9110 section 14.2).
 *
 * @param header its value
 * @param size bytes of the file
 * @returns the range; `whole` for no range, another unit, several ranges or a malformed one, which a server may ignore;
 *   `unsatisfiable` where it lies outside
 */
export function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | "whole" | "unsatisfiable" {
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? "");
  if (match === null) return "whole";
  const [, from = "", to = ""] = match;
  if (from === "") {
    if (to === "") return "whole";
    const length = Number(to);
    return length === 0 || size === 0
      ? "unsatisfiable"
      : { first: Math.max(0, size - length), last: size - 1 };
  }
  const first = Number(from);
  const last = to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (to !== "" && Number(to) < first) return "whole";
  return first >= size ? "unsatisfiable" : { first, last };
}
