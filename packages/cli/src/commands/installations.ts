import type { Installation } from "@xmtp/node-sdk";
import { type Command, Option } from "commander";
import { CliError } from "../cli-error.js";
import type { CommandContext } from "../context.js";
import { type ExitCode, exitCodes } from "../exit-code.js";
import { listProfiles } from "../profile/profile-store.js";
import { listNotes, newestNote } from "../profile/account-file-notes.js";
import { type ProfileOptions, type Session, withSession } from "../session.js";
import { formatAge, nowNs } from "../terminal/format.js";
import { hint } from "../terminal/hint.js";
import { table } from "../terminal/layout.js";
import { backupInstallations, notedBackups } from "./backup-installations.js";
import { catchUp } from "./catch-up.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "./command-line.js";

/** `carryover installations`: every installation of the account, by what the network says now. */
export function installationsCommand(run: Run): Command {
  return withProfileOptions(
    commandOf("installations", "list the installations of the account"),
  ).action(async (_options, command: Command) => {
    const options = command.opts<ProfileOptions & CommonOptions>();
    await run(options, (context) =>
      withSession(context, options, (session) => list(context, session)),
    );
  });
}

/** `carryover revoke INSTALLATION`: takes an installation out of the account, for good. */
export function revokeCommand(run: Run): Command {
  return withProfileOptions(
    commandOf("revoke", "take an installation out of the account, for good"),
  )
    .argument("<installation>", "its id, or the start of it")
    .addOption(new Option("-y, --yes", "do not ask"))
    .action(async (wanted: string, _options, command: Command) => {
      const options = command.opts<
        ProfileOptions & CommonOptions & { yes?: boolean }
      >();
      await run(options, (context) =>
        withSession(context, options, (session) =>
          revoke(context, session, wanted, options.yes === true),
        ),
      );
    });
}

async function list(
  context: CommandContext,
  session: Session,
): Promise<ExitCode> {
  const { home, output } = context;
  const { client } = session;
  const backups = await knownBackups(context, session);
  const { installations } = await client.preferences.fetchInboxState();
  const profiles = await listProfiles(home);
  const notes = await listNotes(home);
  const rows = byAge(installations).map(({ id, clientTimestampNs }) => ({
    installationId: id,
    createdAtNs: clientTimestampNs,
    role: backups.has(id) ? ("backup" as const) : ("full" as const),
    file: newestNote(notes, id)?.path,
    profile: profiles.find(({ installationId }) => installationId === id)?.name,
    isThis: id === client.installationId,
  }));
  output.json({
    ok: true,
    command: "installations",
    inboxId: client.inboxId,
    installations: rows.map(({ createdAtNs, profile, file, ...row }) => ({
      ...row,
      file: file ?? null,
      createdAtNs: createdAtNs?.toString() ?? null,
      profile: profile ?? null,
    })),
  });
  const now = nowNs();
  output.say(
    ...table(
      [
        { title: "INSTALLATION" },
        { title: "MADE" },
        { title: "WHERE", shrinks: "shrinks" },
      ],
      rows.map(({ installationId, createdAtNs, profile, isThis, ...row }) => [
        `${installationId.slice(0, 16)}…`,
        createdAtNs === undefined ? "" : formatAge(createdAtNs, now),
        row.role === "backup"
          ? `Backup Account File${row.file === undefined ? "" : ` ${row.file}`}`
          : `${profile ?? "not in this home"}${isThis ? " (this one)" : ""}`,
      ]),
      output.width,
    ),
  );
  return exitCodes.done;
}

/** Which installations live in Backup Account Files: they say so in a message. */
async function knownBackups(
  context: CommandContext,
  session: Session,
): Promise<ReadonlySet<string>> {
  try {
    const carryover = await session.carryover();
    await catchUp(context, carryover, session.profile.name);
    return await backupInstallations(context.home, carryover);
  } catch (error) {
    // Another command is at it, such as `request --wait`: what was noted here is all that can be told.
    if (error instanceof CliError && error.code === "stateLocked")
      return notedBackups(context.home);
    throw error;
  }
}

const byAge = (installations: readonly Installation[]) =>
  [...installations].sort((a, b) =>
    Number((a.clientTimestampNs ?? 0n) - (b.clientTimestampNs ?? 0n)),
  );

async function revoke(
  { output, prompt }: CommandContext,
  { client, profile }: Session,
  wanted: string,
  isDecided: boolean,
): Promise<ExitCode> {
  const { installations } = await client.preferences.fetchInboxState();
  const found = installations.filter(({ id }) =>
    id.startsWith(wanted.toLowerCase()),
  );
  const [only] = found;
  if (wanted.length < 8 || only === undefined || found.length > 1)
    throw new CliError(
      "usage",
      "that does not name one installation of this account",
      `Nothing was changed. Give at least 8 digits of an id from: ${hint(`installations --profile ${profile.name}`)}`,
    );
  if (only.id === client.installationId)
    throw new CliError(
      "usage",
      "an installation does not revoke itself here",
      "Nothing was changed. Revoke it from another installation of the account.",
    );
  if (
    !isDecided &&
    (await prompt.yesNo(
      `Revoke ${only.id.slice(0, 16)}…? It cannot come back. [y/N] `,
    )) === "no"
  ) {
    output.json({ ok: true, command: "revoke", outcome: "undecided" });
    output.say("Nothing was changed.");
    return exitCodes.pending;
  }
  await client.revokeInstallations([only.bytes]);
  output.json({
    ok: true,
    command: "revoke",
    outcome: "revoked",
    installationId: only.id,
  });
  output.say(
    `${output.style.green("✓")} Revoked. It gets no history any more, whatever it asks.`,
  );
  return exitCodes.done;
}
