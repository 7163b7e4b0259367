import { assertDeviceSyncIsSilent as assertSilent } from "@carryover/xmtp-shared";
import { taskRunner, type XmtpClient } from "./sdk-values.js";

/**
 * Refuses a client whose own device sync could answer. It gives the whole history to every installation that asks, at any
 * address that it names, and asks nobody: on such a client no approval means anything.
 *
 * @throws {CarryoverError} `deviceSyncAnswers`
 */
export function assertDeviceSyncIsSilent(
  client: Pick<XmtpClient, "options">,
): void {
  assertSilent(client, taskRunner);
}
