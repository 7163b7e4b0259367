import { type Client, encodeText, Group, type Dm } from "@xmtp/node-sdk";
import {
  consent,
  everyConsent,
  reactionAdded,
  unicodeReaction,
} from "../xmtp/sdk-values.js";
import type { Chapter, Line, Person } from "./story.js";

/** A client for everyone in the story who has a device now. */
export type Cast = Readonly<Partial<Record<Person, Client<unknown>>>>;

type Talk = Group<unknown> | Dm<unknown>;

/** The conversations that were made, by the chapter's name. */
export type WrittenStory = ReadonlyMap<string, string>;

/**
 * Plays a story on real clients: every message is sent by its author's own installation and received by the others.
 *
 * @param options.onMessage - called with the number of messages sent so far
 * @param options.existing - conversations of before: chapters of the same name go on in them
 * @param options.absent - inbox ids of those who are in a conversation and have no device now
 * @returns conversation ids by chapter name, those of before among them
 */
export async function writeStory(
  cast: Cast,
  chapters: readonly Chapter[],
  options: {
    signal: AbortSignal;
    onMessage?: (sent: number) => void;
    existing?: WrittenStory;
    absent?: Readonly<Partial<Record<Person, string>>>;
  },
): Promise<WrittenStory> {
  const written = new Map<string, string>(options.existing);
  let sent = 0;
  for (const chapter of chapters) {
    const id =
      written.get(chapter.name) ??
      (await makeConversation(cast, chapter, options.absent ?? {}));
    written.set(chapter.name, id);
    const play = await createStage(cast, chapter, id);
    for (const line of chapter.lines) {
      options.signal.throwIfAborted();
      if ((await play(line)) === "sent") options.onMessage?.((sent += 1));
    }
    await settleConsent(cast, chapter, id);
  }
  for (const person of new Set(
    chapters.flatMap(({ madeBy, members }) => [madeBy, ...members]),
  ))
    await cast[person]?.conversations.syncAll(everyConsent);
  return written;
}

function clientOf(cast: Cast, person: Person): Client<unknown> {
  const client = cast[person];
  if (client === undefined) throw new Error(`${person} has no device`);
  return client;
}

async function makeConversation(
  cast: Cast,
  chapter: Chapter,
  absent: Readonly<Partial<Record<Person, string>>>,
): Promise<string> {
  const { conversations } = clientOf(cast, chapter.madeBy);
  const inboxIds = chapter.members.map(
    (member) => absent[member] ?? clientOf(cast, member).inboxId,
  );
  const conversation =
    chapter.kind === "group"
      ? await conversations.createGroup(inboxIds, { groupName: chapter.name })
      : await conversations.createDm(inboxIds[0] ?? "");
  return conversation.id;
}

/** Keeps each author's own view of one conversation, and the messages so far. */
async function createStage(
  cast: Cast,
  chapter: Chapter,
  id: string,
): Promise<(line: Line) => Promise<"sent" | "done">> {
  const talks = new Map<Person, Talk>();
  const sentMessages: { id: string; from: Person }[] = [];

  const enter = async (person: Person) => {
    const { conversations } = clientOf(cast, person);
    await conversations.sync();
    const talk = await conversations.getConversationById(id);
    if (talk === undefined)
      throw new Error(`${person} does not see the conversation`);
    talks.set(person, talk);
  };
  const talkOf = (person: Person): Talk => {
    const talk = talks.get(person);
    if (talk === undefined)
      throw new Error(`${person} is not in the conversation`);
    return talk;
  };
  const groupOfMaker = (): Group<unknown> => {
    const talk = talkOf(chapter.madeBy);
    if (talk instanceof Group) return talk;
    throw new Error("only a group changes its members");
  };
  const back = (steps: number) => {
    const message = sentMessages.at(-steps);
    if (message === undefined) throw new Error("nothing to refer to");
    return message;
  };
  // Who stays must know of a change before they send, or they would write into the past.
  const everyoneSyncs = () =>
    Promise.all([...talks.values()].map((talk) => talk.sync()));

  const speak = async (line: Line): Promise<string | undefined> => {
    switch (line.kind) {
      case "text":
        return talkOf(line.from).sendText(line.text);
      case "reply":
        return talkOf(line.from).sendReply({
          content: encodeText(line.text),
          reference: back(line.to).id,
          referenceInboxId: clientOf(cast, back(line.to).from).inboxId,
        });
      case "reaction":
        return talkOf(line.from).sendReaction({
          reference: back(line.about).id,
          referenceInboxId: clientOf(cast, back(line.about).from).inboxId,
          action: reactionAdded,
          content: line.emoji,
          schema: unicodeReaction,
        });
      case "attachment":
        return talkOf(line.from).sendAttachment({
          filename: line.filename,
          mimeType: line.mimeType,
          content: new TextEncoder().encode(line.content),
        });
      case "readReceipt":
        await talkOf(line.from).sendReadReceipt();
        return "";
      case "join":
        await groupOfMaker().addMembers([clientOf(cast, line.who).inboxId]);
        await enter(line.who);
        await everyoneSyncs();
        return undefined;
      case "leave":
        await groupOfMaker().removeMembers([clientOf(cast, line.who).inboxId]);
        await everyoneSyncs();
        talks.delete(line.who);
        return undefined;
      case "rename":
        await groupOfMaker().updateName(line.name);
        await everyoneSyncs();
        return undefined;
    }
  };

  for (const person of [chapter.madeBy, ...chapter.members])
    if (cast[person] !== undefined) await enter(person);
  return async (line) => {
    const messageId = await speak(line);
    if (messageId === undefined) return "done";
    // Reactions and receipts are no messages that one replies to.
    if (
      line.kind === "text" ||
      line.kind === "reply" ||
      line.kind === "attachment"
    )
      sentMessages.push({ id: messageId, from: line.from });
    return "sent";
  };
}

async function settleConsent(
  cast: Cast,
  chapter: Chapter,
  id: string,
): Promise<void> {
  const talk = await cast.alix?.conversations.getConversationById(id);
  talk?.updateConsentState(consent[chapter.consent]);
}
