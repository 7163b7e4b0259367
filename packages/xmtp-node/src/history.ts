import { availableParallelism } from "node:os";
import type { Clock, History, RandomBytes } from "@carryover/client";
import { createStoredConversations } from "@carryover/xmtp-shared";
import { createArchiveFiles } from "./archive-files.js";
import { planExportWindows } from "./export-windows.js";
import { sampleHistory } from "./sample-history.js";
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
  const stored = createStoredConversations(client, {
    clock,
    dialect: nodeDialect,
  });
  // Listing is slow, and the engine has just done it when it asks for an export: what the sample is drawn from may be old.
  let listed: string[] = [];
  const planWindows = async () =>
    planExportWindows(await sampleHistory(client, listed), {
      parts: Math.min(availableParallelism(), mostWindows),
      nowNs: clock.nowNs(),
      jitterNs: () =>
        BigInt(Buffer.from(randomBytes(jitterBytes)).readUInt32LE()),
    });
  return {
    ...stored,
    listConversations: async () => {
      const conversations = await stored.listConversations();
      listed = conversations.map(({ conversationId }) => conversationId);
      return conversations;
    },
    ...(await createArchiveFiles(client, directory, randomBytes, planWindows)),
  };
}

/** Each has a part of the database in memory, 8 MB at most. */
const mostWindows = 4;
const jitterBytes = 4;
