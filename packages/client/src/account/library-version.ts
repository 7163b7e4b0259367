/** How one version of the XMTP library stands to another. A database opens in the version that wrote it, and in later ones. */
export type LibraryRelation = "older" | "same" | "newer" | "unknown";

/** Compares `1.11.0` and the like; what follows the three numbers does not count. */
export function compareLibraryVersions(
  version: string,
  own: string,
): LibraryRelation {
  const a = parse(version);
  const b = parse(own);
  if (a === undefined || b === undefined) return "unknown";
  for (const [index, number] of a.entries()) {
    const other = b[index] ?? 0;
    if (number !== other) return number < other ? "older" : "newer";
  }
  return "same";
}

function parse(version: string): number[] | undefined {
  const match = /^v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?/.exec(version);
  return match
    ?.slice(1)
    .map((digits: string | undefined) => Number(digits ?? 0));
}
