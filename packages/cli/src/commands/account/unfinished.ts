import {
  AccountFileError,
  type Carryover,
  CarryoverError,
  revokeBackupAccountFile,
} from "@carryover/xmtp-node";
import { CliError } from "../../cli-error.js";
import type { CommandContext } from "../../context.js";
import { loadWallet } from "../../profile/wallet-store.js";
import type { Session } from "../../session.js";
import { formatAge, nowNs, shortId } from "../../terminal/format.js";
import { hint } from "../../terminal/hint.js";
import { showingSigner } from "../../xmtp/signer.js";
import { workOptions } from "./work-options.js";

/** How an installation without a file is taken out of the account. */
export const revokeLine = (installationId: string, profile: string): string =>
  hint(
    `account revoke --installation ${installationId.slice(0, 16)} --profile ${profile}`,
  );

/** Says what an interrupted `account create` left registered. */
export async function sayUnfinished(
  { output }: CommandContext,
  { profile }: Session,
  carryover: Carryover,
): Promise<void> {
  for (const {
    installationId,
    startedAtNs,
  } of await carryover.fetchUnfinishedBackupAccountFiles())
    output.note(
      `${output.style.yellow("!")} A file that was begun ${formatAge(startedAtNs, nowNs())} was never finished. No file`,
      `  holds its installation ${shortId(installationId)}…, which gets every message for nobody.`,
      "  Take it out of the account with:",
      `  ${revokeLine(installationId, profile.name)}`,
    );
}

/**
 * A file that could not be finished left an installation registered: says so, and offers to take it out of the account.
 *
 * @returns what to throw
 */
export async function explainOrphan(
  context: CommandContext,
  session: Session,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof CarryoverError) || error.installationId === undefined)
    return error;
  const { installationId } = error;
  const { prompt, output, signal } = context;
  const { cause: reason } = error;
  const { message, advice } =
    reason instanceof CarryoverError || reason instanceof AccountFileError
      ? reason
      : { message: error.message, advice: "" };
  if (prompt.isInteractive && !signal.aborted) {
    output.say(
      "",
      `The file could not be finished (${message}).`,
      `An installation was registered for it, ${shortId(installationId)}…, and no file holds it.`,
    );
    if (
      (await prompt.yesNo("Take it out of the account now? [y/N] ")) === "yes"
    ) {
      await revokeOrphan(context, session, installationId);
      return new CliError(
        "accountFileUnfinished",
        "the Backup Account File could not be finished",
        `Nothing is left of it: its installation was revoked. ${advice === "" ? "Try again." : advice}`,
        { cause: error },
      );
    }
  }
  return new CliError(
    signal.aborted ? "interrupted" : "accountFileUnfinished",
    `the Backup Account File could not be finished: ${message}`,
    `${advice === "" ? "" : `${advice} `}An installation was registered for it that no file holds, and gets every message for nobody. Take it out of the account with: ${revokeLine(installationId, session.profile.name)}`,
    { cause: error },
  );
}

async function revokeOrphan(
  context: CommandContext,
  { profile, client, networkUrl }: Session,
  installationId: string,
): Promise<void> {
  const work = await workOptions(
    context,
    profile.environment,
    networkUrl === undefined ? {} : { networkUrl },
  );
  await revokeBackupAccountFile({
    ...work,
    signer: showingSigner(
      await loadWallet(context.home, profile.wallet),
      profile.wallet,
      context.output,
    ),
    inboxId: client.inboxId,
    installationId,
    signal: context.signal,
  });
}
