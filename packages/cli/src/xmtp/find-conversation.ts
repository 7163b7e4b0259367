import { isBackupChannel } from "@carryover/xmtp-node";
import { type Client, type Dm, Group } from "@xmtp/node-sdk";
import { CliError } from "../cli-error.js";
import { hint } from "../terminal/hint.js";
import type { NameOf } from "./conversations.js";
import { everyConsent } from "./sdk-values.js";

/**
 * Finds the conversation that a person means: by the group's name, the other person's name, or the start of its id.
 *
 * @throws {CliError} `conversationMissing` for none or several
 */
export async function findConversation(
  client: Client<unknown>,
  wanted: string,
  { profile, nameOf }: { profile: string; nameOf: NameOf },
): Promise<Group<unknown> | Dm<unknown>> {
  const all = (
    await client.conversations.list({ consentStates: everyConsent })
  ).filter((conversation) => !isBackupChannel(conversation));
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const byName = all.filter((conversation) =>
    same(
      conversation instanceof Group
        ? conversation.name
        : (nameOf(conversation.peerInboxId) ?? conversation.peerInboxId),
      wanted,
    ),
  );
  const found =
    byName.length > 0
      ? byName
      : all.filter(
          ({ id }) => wanted.length >= 4 && id.startsWith(wanted.toLowerCase()),
        );
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  throw new CliError(
    "conversationMissing",
    found.length === 0
      ? "there is no such conversation on this installation"
      : `${found.length} conversations have that name`,
    `Nothing was changed. See them with "${hint(`chats --profile ${profile}`)}", and give ${found.length === 0 ? "a name from there or " : ""}the start of an id from "${hint(`chats --json --profile ${profile}`)}".`,
  );
}
