import type { Clock, History, RandomBytes } from "@carryover/client";
import { createStoredConversations } from "@carryover/xmtp-shared";
import { createArchiveBytes } from "./archive-bytes.js";
import { browserDialect, type XmtpClient } from "./sdk-values.js";

/** What the history needs beside the client. */
export interface HistoryOptions {
  clock: Clock;
  randomBytes: RandomBytes;
}

/** The history of this installation over the official client. */
export function createHistory(
  client: XmtpClient,
  { clock, randomBytes }: HistoryOptions,
): History {
  return {
    ...createStoredConversations(client, { clock, dialect: browserDialect }),
    ...createArchiveBytes(client, randomBytes),
  };
}
