import { isBackupChannel } from "@carryover/xmtp-node";
import { type Client, type Conversation, type Dm, Group } from "@xmtp/node-sdk";
import { digestMessages } from "./conversation-digest.js";
import { applicationMessages, consent, everyConsent } from "./sdk-values.js";

/** One conversation as a person sees it. */
export interface ConversationView {
  readonly id: string;
  readonly kind: "group" | "dm";
  /** The group's name, or the other person's name; not printable as it is. */
  readonly title: string;
  /** Messages of persons, reactions and read receipts among them. */
  readonly messageCount: number;
  /** Digest of the whole, see `digestMessages`. */
  readonly digest: string;
  readonly consent: "unknown" | "allowed" | "denied";
  /** `live`: messages can be sent. */
  readonly liveness: "live" | "inactive";
}

/** Names for inbox ids, where they are known. */
export type NameOf = (inboxId: string) => string | undefined;

/** What conversations are called here: the group's name, or the other person's. Not printable as it is. */
export async function titlesOf(
  client: Client<unknown>,
  nameOf: NameOf,
): Promise<ReadonlyMap<string, string>> {
  const conversations = await client.conversations.list({
    consentStates: everyConsent,
    includeDuplicateDms: true,
  });
  return new Map(
    conversations.map((conversation) => [
      conversation.id,
      titleOf(conversation, nameOf),
    ]),
  );
}

function titleOf(
  conversation: Group<unknown> | Dm<unknown>,
  nameOf: NameOf,
): string {
  if (conversation instanceof Group)
    return conversation.name === "" ? "(no name)" : conversation.name;
  return (
    nameOf(conversation.peerInboxId) ?? conversation.peerInboxId.slice(0, 8)
  );
}

/** Conversations of one installation, in the order of their names. Backup channels are not conversations. */
export async function viewConversations(
  client: Client<unknown>,
  nameOf: NameOf,
): Promise<ConversationView[]> {
  const conversations = await client.conversations.list({
    consentStates: everyConsent,
    includeDuplicateDms: true,
  });
  const views: ConversationView[] = [];
  for (const conversation of conversations) {
    if (isBackupChannel(conversation)) continue;
    views.push({
      id: conversation.id,
      kind: conversation instanceof Group ? "group" : "dm",
      title: titleOf(conversation, nameOf),
      ...(await measure(conversation)),
      consent: consentWord(conversation),
      liveness: conversation.isActive ? "live" : "inactive",
    });
  }
  return views.sort(
    (a, b) =>
      a.kind.localeCompare(b.kind) * -1 ||
      a.title.localeCompare(b.title) ||
      a.id.localeCompare(b.id),
  );
}

async function measure(
  conversation: Conversation<unknown>,
): Promise<{ messageCount: number; digest: string }> {
  return {
    messageCount: await conversation.countMessages({
      kind: applicationMessages,
    }),
    digest: digestMessages(
      await conversation.messages({ kind: applicationMessages }),
      await conversation.lastReadTimes(),
    ),
  };
}

function consentWord(
  conversation: Conversation<unknown>,
): ConversationView["consent"] {
  switch (conversation.consentState()) {
    case consent.allowed:
      return "allowed";
    case consent.denied:
      return "denied";
    default:
      return "unknown";
  }
}

/** What a difference between two installations looks like. */
export interface Difference {
  readonly conversationId: string;
  readonly title: string;
  readonly what: "onlyLeft" | "onlyRight" | "count" | "content" | "consent";
}

/** Compares two installations' conversations: presence, counts, digests and consent. */
export function compareConversations(
  left: readonly ConversationView[],
  right: readonly ConversationView[],
): Difference[] {
  const rightById = new Map(right.map((view) => [view.id, view]));
  const leftIds = new Set(left.map((view) => view.id));
  const differences: Difference[] = [];
  for (const view of left) {
    const other = rightById.get(view.id);
    const what =
      other === undefined
        ? "onlyLeft"
        : other.messageCount !== view.messageCount
          ? "count"
          : other.digest !== view.digest
            ? "content"
            : other.consent !== view.consent
              ? "consent"
              : undefined;
    if (what !== undefined)
      differences.push({ conversationId: view.id, title: view.title, what });
  }
  for (const view of right)
    if (!leftIds.has(view.id))
      differences.push({
        conversationId: view.id,
        title: view.title,
        what: "onlyRight",
      });
  return differences;
}
