import { lookup as systemLookup, type LookupAddress } from "node:dns";
import { isIP, type LookupFunction } from "node:net";
import { CarryoverError } from "@carryover/client";
import { parseStorageUrl } from "@carryover/protocol";
import { isLoopbackAddress, isPublicAddress } from "./public-address.js";

/** Finds the addresses of a name. */
export type ResolveName = (hostname: string) => Promise<LookupAddress[]>;

/** The one place that a request may go to. */
export interface StorageTarget {
  readonly url: URL;
  /** For the connection: the only resolution of the name that there is, so that what is checked is what is connected to. */
  readonly lookup: LookupFunction;
}

/** Asks the system, which knows of host files too. */
export const resolveBySystem: ResolveName = (hostname) =>
  new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true, verbatim: true }, (error, found) => {
      if (error) reject(error);
      else resolve(found);
    });
  });

/**
 * Checks a URL before anything is connected (security rule 6): `https` to the public internet, or loopback where the URL
 * itself says loopback.
 *
 * @throws {CarryoverError} `invalidOption`, `storageOriginNotAllowed`, `privateAddress`; none holds the URL
 */
export function parseStorageTarget(
  value: string,
  resolve: ResolveName,
): StorageTarget {
  const url = parseUrl(value);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const reach =
    host === "localhost" || isLoopbackAddress(host) ? "loopback" : "public";
  if (url.protocol === "http:" && reach === "public")
    throw new CarryoverError(
      "storageOriginNotAllowed",
      "plain http is for loopback alone",
    );
  // Names come later, when they are resolved.
  if (isIP(host) !== 0) assertReachable([{ address: host }], reach);
  return { url, lookup: createGuardedLookup(resolve, reach) };
}

function parseUrl(value: string): URL {
  try {
    return new URL(parseStorageUrl(value, "url"));
  } catch {
    // Without its cause: that may quote the URL.
    throw new CarryoverError("invalidOption", "not a URL of a storage service");
  }
}

type Reach = "loopback" | "public";

function assertReachable(
  addresses: readonly { address: string }[],
  reach: Reach,
): void {
  const isIn = reach === "loopback" ? isLoopbackAddress : isPublicAddress;
  // One address in private space is enough: such an answer is made for an attack, or by mistake.
  if (!addresses.every(({ address }) => isIn(address)))
    throw new CarryoverError(
      "privateAddress",
      "the storage service's name leads into private address space",
    );
}

function createGuardedLookup(
  resolve: ResolveName,
  reach: Reach,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        try {
          const [first] = addresses;
          if (first === undefined)
            throw new CarryoverError(
              "storageUnavailable",
              "the storage service's name has no address",
            );
          assertReachable(addresses, reach);
          if (options.all === true) callback(null, addresses);
          else callback(null, first.address, first.family);
        } catch (error) {
          callback(error as Error, []);
        }
      },
      (error: unknown) => {
        callback(
          new CarryoverError(
            "storageUnavailable",
            "the storage service's name is not known",
            { cause: error },
          ),
          [],
        );
      },
    );
  };
}
