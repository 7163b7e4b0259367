import { CarryoverError } from "@carryover/client";
import { refused, unavailable } from "@carryover/xmtp-shared";

export {
  refused,
  statusError,
  stopped,
  unavailable,
} from "@carryover/xmtp-shared";

/** Gives an error of Node's HTTP the engine's words. */
export function networkError(error: unknown): CarryoverError {
  if (error instanceof CarryoverError) return error;
  const code =
    error instanceof Error && "code" in error ? String(error.code) : "";
  // Node hangs the bytes of the answer on its parser's errors, and they may be a secret URL: no cause here.
  if (code === "HPE_HEADER_OVERFLOW")
    return refused("the storage service answers with too many headers");
  if (code.startsWith("HPE_"))
    return refused(`the storage service does not speak HTTP (${code})`);
  return unavailable("the storage service cannot be reached", error);
}
