import { CarryoverError } from "@carryover/client";
import { parseStorageUrl } from "@carryover/protocol";

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const address = /^(\d{1,3}(\.\d{1,3}){3}|\[.*\])$/;

/**
 * Checks a URL before anything is sent to it (security rule 6): `https`, or loopback. A page is not told what address a
 * name leads to, so private address space behind a name cannot be refused here; the app's list of origins is what stands in
 * between. An address in the place of a name is refused, but for loopback.
 *
 * @throws {CarryoverError} `invalidOption`, `storageOriginNotAllowed`, `privateAddress`; none holds the URL
 */
export function parseStorageTarget(value: string): URL {
  const url = parseUrl(value);
  if (loopback.test(url.hostname)) return url;
  if (url.protocol === "http:")
    throw new CarryoverError(
      "storageOriginNotAllowed",
      "plain http is for loopback alone",
    );
  if (address.test(url.hostname))
    throw new CarryoverError(
      "privateAddress",
      "the storage service is given by an address, which may be a private one",
    );
  return url;
}

function parseUrl(value: string): URL {
  try {
    return new URL(parseStorageUrl(value, "url"));
  } catch {
    // Without its cause: that may quote the URL.
    throw new CarryoverError("invalidOption", "not a URL of a storage service");
  }
}
