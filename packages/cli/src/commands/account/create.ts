import {
  accountFileAt,
  type AccountSigner,
  CarryoverError,
  type CreatedBackupAccountFile,
  type ProtectionChoice,
  refreshBackupAccountFileBy,
} from "@carryover/xmtp-node";
import { type Command, Option } from "commander";
import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { CliError } from "../../cli-error.js";
import type { CommandContext } from "../../context.js";
import { type ExitCode, exitCodes } from "../../exit-code.js";
import { noteAccountFile } from "../../profile/account-file-notes.js";
import {
  createIdentityFile,
  readIdentityFile,
} from "../../profile/identity-file.js";
import { exists } from "../../profile/private-file.js";
import { assertWritable } from "../../profile/write-aside.js";
import { loadWallet } from "../../profile/wallet-store.js";
import {
  type ProfileOptions,
  type Session,
  withSession,
} from "../../session.js";
import { counted, formatBytes, shortId } from "../../terminal/format.js";
import { hint, quoted } from "../../terminal/hint.js";
import { showingSigner } from "../../xmtp/signer.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "../command-line.js";
import { assertPlaceForFile } from "../named-file.js";
import { leftOutLines } from "../request-view.js";
import { budgetJson, budgetLeftLine, budgetLines } from "./budget-view.js";
import {
  daysLeftJson,
  fact,
  refreshByLine,
  summaryJson,
  warning,
} from "./file-view.js";
import { newPassphrase } from "./passphrase.js";
import { explainOrphan, sayUnfinished } from "./unfinished.js";
import { withProgress } from "./with-progress.js";

interface CreateOptions extends ProfileOptions, CommonOptions {
  protect?: "passphrase" | "wallet";
  passphraseFile?: string;
  identityFile?: string;
  recipient?: string[];
  fromNowOn?: boolean;
  replace?: boolean;
  yes?: boolean;
}

/** `carryover account create FILE`: makes a Backup Account File. */
export function createCommand(run: Run): Command {
  return withProfileOptions(
    commandOf("create", "make a Backup Account File of this account"),
  )
    .argument("<file>", "where to")
    .addOption(
      new Option("--protect <how>", "what opens it (default passphrase)")
        .choices(["passphrase", "wallet"])
        .conflicts(["identityFile", "recipient"]),
    )
    .option(
      "--passphrase-file <path>",
      "private file with the passphrase (or CARRYOVER_PASSPHRASE)",
    )
    .option(
      "-i, --identity-file <path>",
      "age identity that will open it; made when there is none",
    )
    .option("-r, --recipient <age1...>", "age recipients instead")
    .option("--from-now-on", "without the history so far")
    .option("--replace", "replace a file that is there")
    .option("-y, --yes", "do not ask")
    .action(async (path: string, _options, command: Command) => {
      const options = command.opts<CreateOptions>();
      await run(options, (context) =>
        withSession(context, options, (session) =>
          create(context, session, resolve(path), options),
        ),
      );
    });
}

async function create(
  context: CommandContext,
  session: Session,
  path: string,
  options: CreateOptions,
): Promise<ExitCode> {
  const { home, output } = context;
  const { profile } = session;
  await assertPlaceForFile(path, "carryover.backup.age");
  if (options.replace !== true && (await exists(path)))
    throw new CliError(
      "fileExists",
      `there is a file at ${path}`,
      "It was left as it is. Choose another name, or replace it with --replace.",
    );
  // Where a link leads to a file, that one is replaced.
  await assertWritable(await realpath(path).catch(() => path));
  const carryover = await session.carryover();
  await sayUnfinished(context, session, carryover);
  const budget = await carryover.fetchAccountBudget();
  const wallet = showingSigner(
    await loadWallet(home, profile.wallet),
    profile.wallet,
    output,
  );
  output.say(
    `A Backup Account File brings your messages back when every device is lost.`,
    fact(
      "account",
      `${shortId(session.client.inboxId)}… (${profile.wallet}) on ${profile.environment}`,
    ),
    fact(
      "holds",
      options.fromNowOn === true
        ? "what comes from now on"
        : "the history so far, and what comes from now on",
    ),
    fact("opens with", opensWith(options)),
    ...budgetLines(budget),
    "",
    "Whoever has the file and what opens it can read your messages, also new ones.",
  );
  if (budget.anotherFile === "low")
    throw new CarryoverError(
      "accountBudgetLow",
      `of the account's budget ${counted(budget.installations.left, "installation")} and ${counted(budget.identityUpdates.left, "identity update")} are left`,
    );
  if (
    options.yes !== true &&
    (await context.prompt.yesNo("Make it? [y/N] ")) === "no"
  ) {
    output.json({
      ok: true,
      command: "account create",
      outcome: "undecided",
      budget: budgetJson(budget),
    });
    output.say("Nothing was made, and nothing was registered.");
    return exitCodes.pending;
  }
  const protection = await chooseProtection(context, options, {
    wallet,
    inboxId: session.client.inboxId,
  });
  const created = await withProgress(context, (bar) =>
    carryover.createBackupAccountFile({
      file: accountFileAt(path),
      ifThere: options.replace === true ? "replace" : "refuse",
      signer: wallet,
      protection,
      history: options.fromNowOn === true ? "fromNowOn" : "includeSoFar",
      ...bar,
    }),
  ).catch(async (error: unknown) => {
    throw await explainOrphan(context, session, error);
  });
  await noteAccountFile(profile, {
    path,
    summary: created.summary,
    state: "inUse",
  });
  sayCreated(context, path, created);
  return exitCodes.done;
}

function opensWith(options: CreateOptions): string {
  if (options.recipient !== undefined) return "the age identity of a recipient";
  if (options.identityFile !== undefined) return "an age identity";
  return options.protect === "wallet"
    ? "a signature of the wallet"
    : "a passphrase";
}

async function chooseProtection(
  context: CommandContext,
  options: CreateOptions,
  { wallet, inboxId }: { wallet: AccountSigner; inboxId: string },
): Promise<ProtectionChoice> {
  const { output } = context;
  if (options.recipient !== undefined)
    return { kind: "recipients", recipients: options.recipient };
  if (options.identityFile !== undefined) {
    const path = resolve(options.identityFile);
    const known = await readIdentityFile(path);
    const { recipient } = known ?? (await createIdentityFile(path));
    if (known === undefined)
      output.say(
        `${output.style.green("✓")} A new identity is in ${path}, readable by you alone.`,
      );
    return { kind: "recipients", recipients: [recipient] };
  }
  return options.protect === "wallet"
    ? { kind: "wallet", signer: wallet }
    : {
        kind: "passphrase",
        passphrase: await newPassphrase(context, {
          path: options.passphraseFile,
          publicIds: [inboxId, (await wallet.getIdentifier()).identifier],
        }),
      };
}

function sayCreated(
  { output }: CommandContext,
  path: string,
  created: CreatedBackupAccountFile,
): void {
  const { summary, sizeBytes, budget, history, notJoined } = created;
  const daysLeft = refreshBackupAccountFileBy(summary, Date.now());
  output.json({
    ok: true,
    command: "account create",
    outcome: "created",
    file: path,
    sizeBytes,
    summary: summaryJson(summary),
    daysLeft: daysLeftJson(daysLeft),
    history:
      history === undefined
        ? null
        : { ...history, leftOut: history.leftOut.map((each) => ({ ...each })) },
    joinedConversationCount: created.joinedConversationCount,
    notJoined: [...notJoined],
    budget: budgetJson(budget),
  });
  output.say(
    "",
    `${output.style.green("✓")} ${path}`,
    `  ${formatBytes(sizeBytes)}, readable by you alone; it was read back, and is whole.`,
    fact(
      "holds",
      history === undefined
        ? "no history yet"
        : `${counted(history.messageCount, "message")} in ${counted(history.conversationCount, "conversation")}`,
    ),
    ...leftOutLines(history?.leftOut ?? []),
    fact(
      "receives",
      `what comes in ${counted(created.joinedConversationCount, "conversation")}, and in new ones`,
    ),
    refreshByLine(daysLeft, output),
    budgetLeftLine(budget),
    ...(notJoined.length === 0
      ? []
      : warning(
          output,
          `${counted(notJoined.length, "conversation")} could not add it: what comes there is not in the file until a member writes.`,
        )),
    "",
    "Keep it where it survives this device, and apart from what opens it. Try it:",
    `  ${hint(`account verify ${quoted(path)}`)}`,
  );
}
