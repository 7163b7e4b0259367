import type { Command } from "commander";
import { text as readAll } from "node:stream/consumers";
import { CliError } from "../cli-error.js";
import type { CommandContext } from "../context.js";
import { exitCodes } from "../exit-code.js";
import { listProfiles } from "../profile/profile-store.js";
import { namesOf, type ProfileOptions, withSession } from "../session.js";
import { findConversation } from "../xmtp/find-conversation.js";
import { everyConsent } from "../xmtp/sdk-values.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "./command-line.js";

/** `carryover send CONVERSATION`: one text, from a prompt or standard input, so that it is in no process list. */
export function sendCommand(run: Run): Command {
  return withProfileOptions(
    commandOf("send", "send one text message, typed in or from standard input"),
  )
    .argument("<conversation>", "its name, or the start of its id")
    .action(async (wanted: string, _options, command: Command) => {
      const options = command.opts<ProfileOptions & CommonOptions>();
      await run(options, (context) =>
        withSession(context, options, async ({ client }) => {
          await client.conversations.syncAll(everyConsent);
          const conversation = await findConversation(client, wanted, {
            profile: options.profile,
            nameOf: namesOf(await listProfiles(context.home)),
          });
          const messageId = await conversation.sendText(
            await readMessage(context),
          );
          context.output.json({
            ok: true,
            command: "send",
            conversationId: conversation.id,
            messageId,
          });
          context.output.say(`${context.output.style.green("✓")} sent.`);
          return exitCodes.done;
        }),
      );
    });
}

async function readMessage({ prompt }: CommandContext): Promise<string> {
  const message = prompt.isInteractive
    ? await prompt.line("Message: ")
    : (await readAll(process.stdin)).replace(/\r?\n$/, "");
  if (message !== "") return message;
  throw new CliError(
    "usage",
    "the message is empty",
    "Nothing was sent. Type a text, or pipe one in.",
  );
}
