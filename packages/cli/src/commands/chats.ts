import type { Command } from "commander";
import type { CommandContext } from "../context.js";
import { exitCodes } from "../exit-code.js";
import type { Json } from "../output.js";
import { listProfiles } from "../profile/profile-store.js";
import {
  fetchNews,
  namesOf,
  type ProfileOptions,
  type Session,
  withSession,
} from "../session.js";
import { counted, formatCount } from "../terminal/format.js";
import { table } from "../terminal/layout.js";
import { printable } from "../terminal/text.js";
import {
  type ConversationView,
  viewConversations,
} from "../xmtp/conversations.js";
import { everyConsent } from "../xmtp/sdk-values.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "./command-line.js";

/** `carryover chats`: the conversations of one installation. */
export function chatsCommand(run: Run): Command {
  return withProfileOptions(
    commandOf("chats", "list conversations, how much is in them, and a digest"),
  ).action(async (_options, command: Command) => {
    const options = command.opts<ProfileOptions & CommonOptions>();
    await run(options, (context) =>
      withSession(
        context,
        options,
        async (session) => {
          const network = await fetchNews(context, session);
          const views = await viewLocalChats(context, session);
          const { output } = context;
          output.json({
            ok: true,
            command: "chats",
            profile: session.profile.name,
            network,
            conversations: views.map(conversationJson),
          });
          output.say(...chatsTable(views, output.width), "", chatsTotal(views));
          return exitCodes.done;
        },
        "ifThere",
      ),
    );
  });
}

/** Fetches what is new and reads all conversations. */
export async function viewChats(
  context: CommandContext,
  session: Session,
): Promise<ConversationView[]> {
  await session.client.conversations.syncAll(everyConsent);
  return viewLocalChats(context, session);
}

const viewLocalChats = async (
  { home }: CommandContext,
  { client }: Session,
): Promise<ConversationView[]> =>
  viewConversations(client, namesOf(await listProfiles(home)));

/** Conversations under each other. */
export function chatsTable(
  views: readonly ConversationView[],
  width: number,
): string[] {
  return table(
    [
      { title: "CONVERSATION", shrinks: "shrinks" },
      { title: "KIND" },
      { title: "MESSAGES", align: "right" },
      { title: "CONSENT" },
      { title: "STATE" },
      { title: "DIGEST" },
    ],
    views.map((view) => [
      printable(view.title),
      view.kind,
      formatCount(view.messageCount),
      view.consent,
      view.liveness,
      view.digest.slice(0, 12),
    ]),
    width,
  );
}

/** The line below. */
export function chatsTotal(views: readonly ConversationView[]): string {
  const messages = views.reduce((sum, view) => sum + view.messageCount, 0);
  return `${counted(messages, "message")} in ${counted(views.length, "conversation")}.`;
}

function conversationJson(view: ConversationView): { [key: string]: Json } {
  return { ...view };
}
