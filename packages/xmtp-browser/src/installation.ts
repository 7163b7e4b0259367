import type { Installation } from "@carryover/client";
import { createSdkInstallation } from "@carryover/xmtp-shared";
import type { XmtpClient } from "./sdk-values.js";

/**
 * This installation over the official client.
 *
 * @param client - registered
 * @param options.fetchTimeoutMs - how long the network may take to tell the inbox state; 30,000 unless told
 * @throws {ProtocolError} `invalidField` when the client's ids are of no known form
 */
export function createInstallation(
  client: XmtpClient,
  options: { fetchTimeoutMs?: number } = {},
): Installation {
  return createSdkInstallation(client, options);
}
