import type { Command } from "commander";
import type { CommandContext } from "../context.js";
import { CliError } from "../cli-error.js";
import { exitCodes } from "../exit-code.js";
import { listProfiles, loadProfile } from "../profile/profile-store.js";
import { listWallets, saveWallet } from "../profile/wallet-store.js";
import { friends, story, storyMessageCount } from "../sample/story.js";
import { type Cast, writeStory } from "../sample/write-story.js";
import {
  openSession,
  type ProfileOptions,
  type Session,
  withSession,
} from "../session.js";
import { hint } from "../terminal/hint.js";
import { everyConsent } from "../xmtp/sdk-values.js";
import { createWalletKey } from "../xmtp/wallet-signature.js";
import { viewChats, chatsTable, chatsTotal } from "./chats.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "./command-line.js";
import { registerProfile } from "./init.js";

/** `carryover sample`: gives a profile on a local network friends and a history, to have something to move. */
export function sampleCommand(run: Run): Command {
  return withProfileOptions(
    commandOf(
      "sample",
      "fill a profile on the local network with friends and conversations",
    ),
  ).action(async (_options, command: Command) => {
    const options = command.opts<ProfileOptions & CommonOptions>();
    await run(options, (context) =>
      withSession(context, options, async (session) => {
        if (session.profile.environment !== "local")
          throw new CliError(
            "developmentOnly",
            "sample conversations are for the local network",
            "Nothing was sent. Use a profile that was made with --environment local.",
          );
        await assertNoSampleYet(session);
        const companions = await openFriends(context, options);
        try {
          await write(context, session, companions);
        } finally {
          for (const friend of companions.values()) await friend.close();
        }
        const views = await viewChats(context, session);
        const { output } = context;
        output.json({
          ok: true,
          command: "sample",
          profile: session.profile.name,
          friends: [...friends],
          conversations: views.length,
          messages: views.reduce((sum, view) => sum + view.messageCount, 0),
        });
        output.say(
          "",
          ...chatsTable(views, output.width),
          "",
          chatsTotal(views),
          `Friends are profiles too: ${friends.join(", ")}.`,
        );
        return exitCodes.done;
      }),
    );
  });
}

/**
 * The story is told once: a second time would write every message again, into second groups of the same names.
 *
 * @throws {CliError} `sampleThere`
 */
async function assertNoSampleYet({ client, profile }: Session): Promise<void> {
  await client.conversations.syncAll(everyConsent);
  const names = new Set(
    story.filter(({ kind }) => kind === "group").map(({ name }) => name),
  );
  const groups = client.conversations.listGroups({
    consentStates: everyConsent,
  });
  if (groups.some(({ name }) => names.has(name)))
    throw new CliError(
      "sampleThere",
      `${profile.name} has the sample conversations already`,
      `Nothing was sent: a second time would double them. See them with: ${hint(`chats --profile ${profile.name}`)}; for new ones, write with "${hint(`send bo --profile ${profile.name}`)}" or use another wallet.`,
    );
}

type Companions = ReadonlyMap<(typeof friends)[number], Session>;

async function openFriends(
  context: CommandContext,
  options: ProfileOptions,
): Promise<Companions> {
  const wallets = await listWallets(context.home);
  const sessions = new Map<(typeof friends)[number], Session>();
  try {
    for (const name of friends) {
      context.signal.throwIfAborted();
      if (!wallets.includes(name))
        await saveWallet(context.home, name, createWalletKey());
      const known = (await listProfiles(context.home)).find(
        (profile) => profile.name === name,
      );
      if (known?.installationId === undefined)
        await registerProfile(context, options, {
          name,
          wallet: name,
          environment: "local",
          pinMode: "show",
          appName: `Carryover (${name})`,
          allowedStorageOrigins: [],
        });
      sessions.set(
        name,
        await openSession(
          context,
          await loadProfile(context.home, name),
          options,
        ),
      );
    }
  } catch (error) {
    for (const session of sessions.values()) await session.close();
    throw error;
  }
  return sessions;
}

async function write(
  { output, signal }: CommandContext,
  session: Session,
  companions: Companions,
): Promise<void> {
  const clientOf = (name: (typeof friends)[number]) => {
    const friend = companions.get(name);
    if (friend === undefined) throw new Error(`${name} was not opened`);
    return friend.client;
  };
  const cast: Cast = {
    alix: session.client,
    bo: clientOf("bo"),
    cleo: clientOf("cleo"),
    dana: clientOf("dana"),
    eve: clientOf("eve"),
  };
  const inPlace = output.redraws === "inPlace";
  await writeStory(cast, story, {
    signal,
    onMessage: (sent) => {
      if (inPlace)
        output.write(`\r  writing ${sent} of ${storyMessageCount} messages`);
    },
  });
  output.write(
    `${inPlace ? "\r\u001b[2K" : ""}${output.style.green("✓")} ${storyMessageCount} messages written.\n`,
  );
}
