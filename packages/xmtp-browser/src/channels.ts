import type { Channels, Clock } from "@carryover/client";
import { createSdkChannels } from "@carryover/xmtp-shared";
import { browserDialect, type XmtpClient } from "./sdk-values.js";

/** Backup channels over the official client. */
export function createChannels(client: XmtpClient, clock: Clock): Channels {
  return createSdkChannels(client, { clock, dialect: browserDialect });
}
