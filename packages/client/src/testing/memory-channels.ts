import type { ChannelId } from "@carryover/protocol";
import { CarryoverError } from "../errors.js";
import type {
  BackupMessage,
  Channels,
  OutgoingBackupMessage,
} from "../ports/channels.js";
import { inboxId } from "./installations.js";
import type { MemoryNetwork } from "./memory-network.js";

/** One conversation as the local database has it. */
export interface MemoryConversation {
  kind: "group" | "dm";
  /** Set in a conversation that is marked as a backup channel. */
  callId: string | undefined;
  memberInboxIds: string[];
  /** What the next refresh brings. */
  memberInboxIdsOnNetwork?: string[];
  messages: BackupMessage[];
}

export interface MemoryChannels extends Channels {
  conversations: Map<string, MemoryConversation>;
  sent: { channelId: ChannelId; message: OutgoingBackupMessage }[];
  hidden: Set<string>;
  /** Conversations whose messages were read, in order. */
  read: string[];
  /** Called with every sync: what the network brings then. */
  onSync: () => void;
}

/** Conversations in memory. The stream tells nothing: tests call `sync`. */
export function createMemoryChannels(network: MemoryNetwork): MemoryChannels {
  const conversations: MemoryChannels["conversations"] = new Map();
  const find = (id: string): MemoryConversation => {
    const found = conversations.get(id);
    if (found === undefined)
      throw new CarryoverError("wrongState", "the channel is not known here");
    return found;
  };
  const channels: MemoryChannels = {
    conversations,
    sent: [],
    hidden: new Set(),
    read: [],
    onSync: () => undefined,
    create: async ({ callId }) => {
      network.call("create");
      const id = `d0${conversations.size.toString(16).padStart(30, "0")}`;
      conversations.set(id, {
        kind: "group",
        callId,
        memberInboxIds: [inboxId],
        messages: [],
      });
      return id as ChannelId;
    },
    sync: async () => {
      network.call("sync");
      channels.onSync();
    },
    list: async () =>
      [...conversations].flatMap(([id, { callId }]) =>
        callId === undefined ? [] : [{ channelId: id as ChannelId, callId }],
      ),
    describe: async (id) => {
      const found = conversations.get(id);
      return (
        found && {
          kind: found.kind,
          isMarked: found.callId !== undefined,
          memberInboxIds: [...found.memberInboxIds],
        }
      );
    },
    refresh: async (id) => {
      network.call("refresh");
      const found = find(id);
      found.memberInboxIds =
        found.memberInboxIdsOnNetwork ?? found.memberInboxIds;
    },
    messages: async (id) => {
      channels.read.push(id);
      return [...find(id).messages];
    },
    send: async (id, message) => {
      network.call("send");
      const isKnown = channels.sent.some(
        (entry) => entry.message.idempotencyKey === message.idempotencyKey,
      );
      if (!isKnown) channels.sent.push({ channelId: id, message });
    },
    stream: (signal) => silentStream(signal),
    deleteMessages: async (id) => {
      network.call("deleteMessages");
      find(id).messages = [];
    },
    hide: async (id) => void channels.hidden.add(id),
  };
  return channels;
}

async function* silentStream(
  signal: AbortSignal,
): AsyncGenerator<{ kind: "gap" }> {
  yield { kind: "gap" };
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
