import { parseStorageUrl, ProtocolError } from "@carryover/protocol";
import { CarryoverError } from "../errors.js";

/** True for hosts that never leave this machine. */
export function isLoopbackHost(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname === "[::1]" ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}

/**
 * The origin of a storage URL that may be used at all: `https`, or `http` on loopback for development.
 *
 * @returns `undefined` for anything else
 */
export function storageOriginOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, hostname, origin } = new URL(url);
  if (
    protocol === "https:" ||
    (protocol === "http:" && isLoopbackHost(hostname))
  )
    return origin;
  return undefined;
}

/**
 * Like {@link storageOriginOf}, for a URL that a storage service gave and that has to go into a message.
 *
 * @returns `undefined` also for a URL that no message may hold
 */
export function storageOriginOfMessageUrl(url: string): string | undefined {
  try {
    return storageOriginOf(parseStorageUrl(url, "url"));
  } catch (error) {
    if (error instanceof ProtocolError) return undefined;
    throw error;
  }
}

/**
 * Security rule 6: history is uploaded only to origins that the app allows.
 *
 * @returns the origin, or `undefined` when it is not allowed
 */
export function allowedStorageOriginOf(
  url: string,
  allowedOrigins: readonly string[],
): string | undefined {
  const origin = storageOriginOf(url);
  return origin !== undefined && allowedOrigins.includes(origin)
    ? origin
    : undefined;
}

/**
 * Checks the origins that an app configures, so that a slip is an error at start and not a refusal months later.
 *
 * @returns the origins in their canonical form
 * @throws {CarryoverError} `invalidOption`
 */
export function parseAllowedOrigins(origins: readonly string[]): string[] {
  return origins.map((value) => {
    const origin = storageOriginOf(value);
    if (origin === undefined || (value !== origin && value !== `${origin}/`))
      throw new CarryoverError(
        "invalidOption",
        "allowedStorageOrigins: each must be an https origin without path, or http on loopback",
      );
    return origin;
  });
}
