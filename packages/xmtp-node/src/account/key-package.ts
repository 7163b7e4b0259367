import type { KeyPackageFacts } from "@carryover/client";
import { libraryCall } from "../library-call.js";
import type { XmtpClient } from "../sdk-values.js";

const secondNs = 1_000_000_000n;

/**
 * What the network holds for adding an installation to new conversations.
 *
 * @param observer - any client on the network
 * @throws {CarryoverError} `networkUnavailable`
 */
export async function fetchKeyPackage(
  observer: XmtpClient,
  installationId: string,
): Promise<KeyPackageFacts | undefined> {
  const statuses = await libraryCall(
    "the key package could not be fetched",
    () => observer.fetchKeyPackageStatuses([installationId]),
  );
  const lifetime = statuses[installationId]?.lifetime;
  return (
    lifetime && {
      createdAtNs: lifetime.notBefore * secondNs,
      expiresAtNs: lifetime.notAfter * secondNs,
    }
  );
}
