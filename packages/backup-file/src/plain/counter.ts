import type { BackupElementRecord, ConversationType } from "../element/view.js";
import { BackupFileError } from "../errors.js";
import type { BackupFileLimits } from "../limits.js";
import type { MessageBackupManifest } from "./types.js";

interface Conversation {
  type: ConversationType;
  messages: number;
  first: bigint | undefined;
  last: bigint | undefined;
}

/** What a manifest says, but for the hash and what was left out. */
export type ElementCounts = Omit<MessageBackupManifest, "sha256" | "leftOut">;

/** Counts elements the way a manifest does. Memory grows with the number of conversations, up to the limit. */
export interface ElementCounter {
  /** Counts one more. @throws BackupFileError `limitExceeded` */
  add(record: BackupElementRecord): void;
  /** The counts so far. */
  counts(): ElementCounts;
  /** Messages so far. */
  readonly messageCount: number;
  /** Elements so far. */
  readonly elementCount: number;
}

/** A counter at zero. */
export const createElementCounter = (
  limits: Pick<BackupFileLimits, "maxConversations">,
): ElementCounter => {
  const conversations = new Map<string, Conversation>();
  const unknownKinds = new Map<number, number>();
  let elementCount = 0;
  let elementBytes = 0;
  let groupCount = 0;
  let messageCount = 0;
  let consentCount = 0;

  const conversation = (id: string): Conversation => {
    const known = conversations.get(id);
    if (known !== undefined) return known;
    if (conversations.size >= limits.maxConversations)
      throw new BackupFileError(
        "limitExceeded",
        `more than ${limits.maxConversations} conversations`,
      );
    const added: Conversation = {
      type: "unknown",
      messages: 0,
      first: undefined,
      last: undefined,
    };
    conversations.set(id, added);
    return added;
  };

  return {
    add({ bytes, view }) {
      elementCount += 1;
      elementBytes += bytes.length;
      switch (view.kind) {
        case "message": {
          messageCount += 1;
          const entry = conversation(view.conversationId);
          const at = view.sentAtNs;
          entry.messages += 1;
          if (entry.first === undefined || at < entry.first) entry.first = at;
          if (entry.last === undefined || at > entry.last) entry.last = at;
          break;
        }
        case "group":
          groupCount += 1;
          conversation(view.conversationId).type = view.conversationType;
          break;
        case "consent":
          consentCount += 1;
          break;
        case "unknown": {
          const before = unknownKinds.get(view.fieldNumber) ?? 0;
          if (before === 0 && unknownKinds.size >= 1000)
            throw new BackupFileError(
              "limitExceeded",
              "more than 1000 kinds of elements",
            );
          unknownKinds.set(view.fieldNumber, before + 1);
          break;
        }
        case "metadata":
          break;
      }
    },
    counts: () => ({
      elementCount,
      groupCount,
      messageCount,
      consentCount,
      elementBytes,
      conversations: [...conversations].map(([conversationId, entry]) => ({
        conversationId,
        conversationType: entry.type,
        messageCount: entry.messages,
        firstSentAtNs: entry.first,
        lastSentAtNs: entry.last,
      })),
      unknownKinds: [...unknownKinds].map(([fieldNumber, count]) => ({
        fieldNumber,
        count,
      })),
    }),
    get messageCount() {
      return messageCount;
    },
    get elementCount() {
      return elementCount;
    },
  };
};
