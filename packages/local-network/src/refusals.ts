import { Code, ConnectError } from "@connectrpc/connect";
import { LocalNetworkError } from "./errors.js";

/** The answer to a request that the caller got wrong. */
export function invalid(message: string): ConnectError {
  return new ConnectError(message, Code.InvalidArgument);
}

/** Where the real node returns a plain error, gRPC has no better word than this. */
export function plainError(message: string): ConnectError {
  return new ConnectError(message, Code.Unknown);
}

/** Runs a parser of MLS bytes; what it refuses is the caller's fault. */
export function asInvalid<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof LocalNetworkError)) throw cause;
    throw new ConnectError(
      `${what}: ${cause.message}`,
      Code.InvalidArgument,
      undefined,
      undefined,
      cause,
    );
  }
}
