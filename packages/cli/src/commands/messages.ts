import type { Command } from "commander";
import { Group } from "@xmtp/node-sdk";
import type { CommandContext } from "../context.js";
import { exitCodes } from "../exit-code.js";
import { listProfiles } from "../profile/profile-store.js";
import {
  fetchNews,
  namesOf,
  type ProfileOptions,
  withSession,
} from "../session.js";
import { formatTime, shortId } from "../terminal/format.js";
import { printable, wrap } from "../terminal/text.js";
import { describeMessage } from "../xmtp/describe-message.js";
import { findConversation } from "../xmtp/find-conversation.js";
import { applicationMessages } from "../xmtp/sdk-values.js";
import {
  commandOf,
  type CommonOptions,
  parseWhole,
  type Run,
  withProfileOptions,
} from "./command-line.js";

interface MessagesOptions extends ProfileOptions, CommonOptions {
  limit: number;
}

/** `carryover messages CONVERSATION`: the newest messages, as the screen of an app would show them. */
export function messagesCommand(run: Run): Command {
  return withProfileOptions(
    commandOf("messages", "show the newest messages of a conversation"),
  )
    .argument("<conversation>", "its name, or the start of its id")
    .option(
      "--limit <count>",
      "how many",
      (text) => parseWhole(text, 1, 10_000),
      20,
    )
    .action(async (wanted: string, _options, command: Command) => {
      const options = command.opts<MessagesOptions>();
      await run(options, (context) =>
        withSession(
          context,
          options,
          async (session) => {
            const network = await fetchNews(context, session);
            const { client } = session;
            const nameOf = namesOf(await listProfiles(context.home));
            const conversation = await findConversation(client, wanted, {
              profile: options.profile,
              nameOf,
            });
            const messages = (
              await conversation.messages({ kind: applicationMessages })
            ).slice(-options.limit);
            const shown = messages.map((message) => ({
              id: message.id,
              sentAtNs: message.sentAtNs.toString(),
              senderInboxId: message.senderInboxId,
              sender:
                nameOf(message.senderInboxId) ?? shortId(message.senderInboxId),
              contentType: message.contentType.typeId,
              text: describeMessage(message),
              reactions: message.reactions.map(
                (reaction) => reaction.content?.content ?? "",
              ),
            }));
            context.output.json({
              ok: true,
              command: "messages",
              network,
              conversationId: conversation.id,
              kind: conversation instanceof Group ? "group" : "dm",
              messages: shown,
            });
            for (const message of shown) sayMessage(context, message);
            if (shown.length === 0)
              context.output.say("There is no message in it.");
            return exitCodes.done;
          },
          "ifThere",
        ),
      );
    });
}

function sayMessage(
  { output }: CommandContext,
  message: {
    sentAtNs: string;
    sender: string;
    text: string;
    reactions: string[];
  },
): void {
  const reactions =
    message.reactions.length === 0 ? "" : `  [${message.reactions.join(" ")}]`;
  const head = `${output.style.dim(formatTime(BigInt(message.sentAtNs)))} ${output.style.bold(printable(message.sender))}: `;
  const [first = "", ...others] = wrap(
    printable(`${message.text}${reactions}`),
    output.width - 4,
  );
  output.say(
    ...(others.length === 0 && first.length < output.width - 30
      ? [`${head}${first}`]
      : [head.trimEnd(), ...[first, ...others].map((line) => `    ${line}`)]),
  );
}
