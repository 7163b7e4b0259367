import { parseAppName, ProtocolError } from "@carryover/protocol";
import { type Command, Option } from "commander";
import { CliError } from "../cli-error.js";
import type { CommandContext } from "../context.js";
import { exitCodes } from "../exit-code.js";
import { parseName } from "../profile/home.js";
import {
  createProfile,
  type Environment,
  loadProfile,
  type PinMode,
  type Profile,
} from "../profile/profile-store.js";
import { loadWallet } from "../profile/wallet-store.js";
import {
  findPlaces,
  openSession,
  type ProfileOptions,
  rememberInstallation,
} from "../session.js";
import { requireNetwork } from "../network/endpoints.js";
import { counted, shortId } from "../terminal/format.js";
import { hint } from "../terminal/hint.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "./command-line.js";

interface InitOptions extends ProfileOptions, CommonOptions {
  wallet: string;
  environment: Environment;
  pinMode: PinMode;
  appName?: string;
  allowStorage?: string[];
}

/** `carryover init`: registers a new installation for a wallet. */
export function initCommand(run: Run): Command {
  return withProfileOptions(
    commandOf("init", "make a profile: one installation of an XMTP app"),
  )
    .requiredOption("--wallet <name>", "whose installation it is", (name) =>
      parseName("wallet", name),
    )
    .addOption(
      new Option("--environment <name>", "XMTP network")
        .choices(["local", "dev", "production"])
        .default("local"),
    )
    .addOption(
      new Option(
        "--pin-mode <mode>",
        "show the PIN of who asks, or have it typed in",
      )
        .choices(["show", "enter"])
        .default("show"),
    )
    .option("--app-name <name>", "what it calls itself to who is asked")
    .option(
      "--allow-storage <origin...>",
      "origins it may upload history to, beside its own storage service",
    )
    .action(async (_options, command: Command) => {
      const options = command.opts<InitOptions>();
      await run(options, async (context) => {
        const profile = await registerProfile(context, options, {
          name: options.profile,
          wallet: options.wallet,
          environment: options.environment,
          pinMode: options.pinMode,
          appName: checkAppName(
            options.appName ?? `Carryover (${options.profile})`,
          ),
          allowedStorageOrigins: (options.allowStorage ?? []).map(parseOrigin),
        });
        report(context, profile);
        return exitCodes.done;
      });
    });
}

/**
 * Makes a profile and registers its installation. What an interruption left half made is finished by the next call.
 *
 * @throws {CliError} `profileExists`, `walletMissing`, `networkNotReachable`
 */
export async function registerProfile(
  context: CommandContext,
  options: Pick<ProfileOptions, "networkUrl" | "storageUrl">,
  settings: Omit<Profile, "directory" | "inboxId" | "installationId">,
): Promise<Profile & { otherInstallations: number }> {
  await loadWallet(context.home, settings.wallet);
  const { networkUrl } = await findPlaces(context, settings, options);
  if (networkUrl !== undefined) await requireNetwork(networkUrl);
  const unfinished = await loadProfile(context.home, settings.name).catch(
    (error: unknown) => {
      if (error instanceof CliError && error.code === "profileMissing")
        return undefined;
      throw error;
    },
  );
  const profile =
    unfinished !== undefined &&
    unfinished.installationId === undefined &&
    unfinished.wallet === settings.wallet
      ? unfinished
      : await createProfile(context.home, settings);
  const session = await openSession(context, profile, options);
  try {
    const { installations } =
      await session.client.preferences.fetchInboxState();
    return {
      ...(await rememberInstallation(session)),
      otherInstallations: installations.length - 1,
    };
  } finally {
    await session.close();
  }
}

function report(
  { output }: CommandContext,
  profile: Profile & { otherInstallations: number },
): void {
  const { name, inboxId = "", installationId = "" } = profile;
  output.json({
    ok: true,
    command: "init",
    profile: name,
    wallet: profile.wallet,
    environment: profile.environment,
    inboxId,
    installationId,
    otherInstallations: profile.otherInstallations,
  });
  output.say(
    `${output.style.green("✓")} ${name} is a new installation of ${profile.wallet}'s account.`,
    `  Account ${shortId(inboxId)}…, installation ${shortId(installationId)}…, kept in ${profile.directory}`,
    ...(profile.otherInstallations === 0
      ? ["  It is the first one of this account."]
      : [
          `  The account has ${counted(profile.otherInstallations, "other installation")}. Ask for the history with:`,
          `    ${hint(`request --profile ${name}`)}`,
          "  Or bring it back from a Backup Account File, if you have one, with:",
          `    ${hint(`account restore FILE --profile ${name}`)}`,
        ]),
  );
}

function checkAppName(name: string): string {
  try {
    return parseAppName(name, "name");
  } catch (error) {
    throw new CliError(
      "usage",
      `--app-name cannot be used: the name ${whyNotShown(error)}`,
      "Nothing was changed. Use 1 to 64 characters, with single spaces between words. Line breaks, control characters and invisible ones are refused, such as those inside some emoji.",
      { cause: error },
    );
  }
}

/** The rule's own words, without its path. They never hold the name. */
const whyNotShown = (error: unknown) =>
  error instanceof ProtocolError
    ? error.message.replace(/^[^:]*: /, "")
    : "cannot be shown";

function parseOrigin(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))
    return new URL(text).origin;
  throw new CliError(
    "usage",
    "--allow-storage is not an origin",
    "Give it as https://host. Nothing was changed.",
  );
}
