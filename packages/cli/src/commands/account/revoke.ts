import {
  accountLimits,
  revokeBackupAccountFile,
  type RevokeReport,
} from "@carryover/xmtp-node";
import { type Command, Option } from "commander";
import { CliError } from "../../cli-error.js";
import type { CommandContext } from "../../context.js";
import { type ExitCode, exitCodes } from "../../exit-code.js";
import { listNotes, updateNotes } from "../../profile/account-file-notes.js";
import { parseName } from "../../profile/home.js";
import { loadProfile } from "../../profile/profile-store.js";
import { loadWallet } from "../../profile/wallet-store.js";
import { type ProfileOptions, withSession } from "../../session.js";
import { formatDay, shortId } from "../../terminal/format.js";
import { hint } from "../../terminal/hint.js";
import { showingSigner } from "../../xmtp/signer.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "../command-line.js";
import { budgetJson, budgetLeftLine } from "./budget-view.js";
import {
  chooseWallet,
  environmentOf,
  openFile,
  walletOfInbox,
} from "./open-file.js";
import { type SecretOptions, withSecretOptions } from "./secret-options.js";
import { withProgress } from "./with-progress.js";
import { workOptions } from "./work-options.js";

interface RevokeOptions extends ProfileOptions, SecretOptions, CommonOptions {
  installation?: string;
  yes?: boolean;
}

/** Whose file is revoked. */
interface Target {
  environment: "local" | "dev" | "production";
  inboxId: string;
  installationId: string;
  wallet: string;
  /** When the file was made; absent for an installation without one. */
  createdAtMs?: number;
}

/** `carryover account revoke FILE`: makes a file and all its copies useless. */
export function revokeAccountFileCommand(run: Run): Command {
  return withSecretOptions(
    withProfileOptions(
      commandOf(
        "revoke",
        "make a Backup Account File and all its copies useless, for good",
      ),
    ),
  )
    .argument("[file]", "the Backup Account File")
    .addOption(
      new Option(
        "--installation <id>",
        "instead of a file that is lost or does not open: the start of its installation's id",
      ),
    )
    .option("-y, --yes", "do not ask")
    .action(async (path: string | undefined, _options, command: Command) => {
      const options = command.opts<RevokeOptions>();
      await run(options, async (context) =>
        revoke(context, await findTarget(context, path, options), options),
      );
    });
}

async function findTarget(
  context: CommandContext,
  path: string | undefined,
  options: RevokeOptions,
): Promise<Target> {
  const { installation } = options;
  if ((path === undefined) === (installation === undefined))
    throw new CliError(
      "usage",
      "give either a file or --installation",
      `Nothing was changed. Ids are listed by: ${hint("account list")}`,
    );
  return path === undefined
    ? byInstallation(context, installation ?? "", options)
    : byFile(context, path, options);
}

async function byFile(
  context: CommandContext,
  path: string,
  options: RevokeOptions,
): Promise<Target> {
  const opened = await openFile(context, path, options);
  const { summary } = opened.contents;
  const ownWallet = await walletOfInbox(context, summary.inboxId);
  return {
    environment: environmentOf(opened),
    inboxId: summary.inboxId,
    installationId: summary.installationId,
    createdAtMs: summary.createdAtMs,
    wallet: await chooseWallet(context, {
      ...(options.wallet === undefined ? {} : { wallet: options.wallet }),
      ...(ownWallet === undefined ? {} : { defaultWallet: ownWallet }),
    }),
  };
}

/** By what a profile noted, else as an installation of the profile's account that no file holds. */
async function byInstallation(
  context: CommandContext,
  wanted: string,
  options: RevokeOptions,
): Promise<Target> {
  const start = wanted.toLowerCase();
  if (start.length < 8) throw notOne(options.profile);
  const notes = (await listNotes(context.home)).filter(({ summary }) =>
    summary.installationId.startsWith(start),
  );
  const ids = new Set(notes.map(({ summary }) => summary.installationId));
  const [note] = notes;
  if (ids.size > 1) throw notOne(options.profile);
  if (note !== undefined) {
    const { wallet, environment } = await loadProfile(
      context.home,
      note.profile,
    );
    const { inboxId, installationId, createdAtMs } = note.summary;
    return {
      environment,
      inboxId,
      installationId,
      createdAtMs,
      wallet: options.wallet ?? wallet,
    };
  }
  return withSession(context, options, async (session) => {
    const unfinished = await (
      await session.carryover()
    ).fetchUnfinishedBackupAccountFiles();
    const found = unfinished.filter(({ installationId }) =>
      installationId.startsWith(start),
    );
    const [only] = found;
    if (only === undefined || found.length > 1)
      throw notOne(session.profile.name);
    return {
      environment: session.profile.environment,
      inboxId: session.client.inboxId,
      installationId: only.installationId,
      wallet: options.wallet ?? session.profile.wallet,
    };
  });
}

const notOne = (profile: string) =>
  new CliError(
    "usage",
    "that does not name one Backup Account File that is known here",
    `Nothing was changed. Give at least 8 digits of an id from "${hint("account list")}"; any other installation is revoked with: ${hint(`revoke INSTALLATION --profile ${profile}`)}`,
  );

async function revoke(
  context: CommandContext,
  target: Target,
  options: RevokeOptions,
): Promise<ExitCode> {
  const { home, output, prompt } = context;
  const { inboxId, installationId, environment, createdAtMs } = target;
  const name = parseName("wallet", target.wallet);
  const wallet = await loadWallet(home, name);
  const work = await workOptions(context, environment, options);
  output.say(
    createdAtMs === undefined
      ? `Installation ${shortId(installationId)}…, which no file holds.`
      : `The Backup Account File of ${formatDay(createdAtMs)}, installation ${shortId(installationId)}….`,
    "Revoking makes it and every copy useless, for good.",
    `Wallet ${name} signs; it takes one identity update of ${accountLimits.identityUpdates}.`,
  );
  if (
    options.yes !== true &&
    (await prompt.yesNo("Revoke it? [y/N] ")) === "no"
  ) {
    output.json({ ok: true, command: "account revoke", outcome: "undecided" });
    output.say("Nothing was changed.");
    return exitCodes.pending;
  }
  const report = await withProgress(context, (bar) =>
    revokeBackupAccountFile({
      ...work,
      signer: showingSigner(wallet, name, output),
      inboxId,
      installationId,
      ...bar,
    }),
  );
  await updateNotes(home, installationId, (note) => ({
    ...note,
    state: "revoked",
  }));
  sayRevoked(context, report);
  return exitCodes.done;
}

function sayRevoked({ output }: CommandContext, report: RevokeReport): void {
  const { installationId, outcome, budget } = report;
  output.json({
    ok: true,
    command: "account revoke",
    outcome,
    installationId,
    budget: budgetJson(budget),
  });
  output.say(
    "",
    outcome === "revoked"
      ? `${output.style.green("✓")} Revoked. It brings nothing back any more.`
      : `${output.style.green("✓")} It was revoked before. Nothing was signed.`,
    budgetLeftLine(budget),
    "  Each conversation leaves it out as soon as a member writes there again.",
    "  What it holds already can still be read by whoever has it and what opens it:",
    "  delete the copies that you have.",
  );
}
