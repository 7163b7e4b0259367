import type { Clock, History, RandomBytes } from "@carryover/client";
import { createStoredConversations } from "@carryover/xmtp-shared";
import { createArchiveFiles } from "./archive-files.js";
import { nodeDialect, type XmtpClient } from "./sdk-values.js";

/** What the history needs beside the client. */
export interface HistoryOptions {
  /** For archives while they are written or read. Belongs to Carryover alone, and is emptied here. */
  directory: string;
  clock: Clock;
  randomBytes: RandomBytes;
}

/**
 * The history of this installation over the official client.
 *
 * @throws {CarryoverError} `diskError`
 */
export async function createHistory(
  client: XmtpClient,
  { directory, clock, randomBytes }: HistoryOptions,
): Promise<History> {
  return {
    ...createStoredConversations(client, { clock, dialect: nodeDialect }),
    ...(await createArchiveFiles(client, directory, randomBytes)),
  };
}
