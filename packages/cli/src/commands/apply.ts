import type { Command } from "commander";
import { CliError } from "../cli-error.js";
import type { CommandContext } from "../context.js";
import { exitCodes } from "../exit-code.js";
import { type ProfileOptions, type Session, withSession } from "../session.js";
import { hint } from "../terminal/hint.js";
import { applyReady, latestCall } from "./apply-ready.js";
import { backupInstallations } from "./backup-installations.js";
import { catchUp } from "./catch-up.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "./command-line.js";
import { importJson } from "./request-json.js";
import { importLines } from "./request-view.js";

/** `carryover apply`: downloads, verifies and imports what the other side sent. */
export function applyCommand(run: Run): Command {
  return withProfileOptions(
    commandOf("apply", "import the history that another installation sent"),
  )
    .argument("[request]", "the request; every answered one by default")
    .action(
      async (requestId: string | undefined, _options, command: Command) => {
        const options = command.opts<ProfileOptions & CommonOptions>();
        await run(options, (context) =>
          withSession(context, options, (session) =>
            apply(context, session, requestId),
          ),
        );
      },
    );
}

async function apply(
  context: CommandContext,
  session: Session,
  requestId: string | undefined,
) {
  const { output } = context;
  const { name } = session.profile;
  const carryover = await session.carryover();
  const { applied } = await catchUp(context, carryover, name);
  const requests =
    requestId === undefined
      ? await carryover.listOutboundBackupRequests()
      : [await carryover.getRemoteMessageHistoryBackupRequestStatus(requestId)];
  if (requests.length === 0)
    throw new CliError(
      "noOutboundRequest",
      "this installation has asked for nothing",
      `Nothing was imported. Ask with: ${hint(`request --profile ${name}`)}`,
    );
  const open = requests.filter(({ status }) => status === "Pending");
  const latest = latestCall(requests);
  // Several installations were asked: one of them may have said no, and another one's history is here.
  const before = latest.flatMap(({ requestId: id, report }) =>
    report === undefined ? [] : [{ requestId: id, report }],
  );
  if (applied.length === 0 && open.length === 0 && before.length > 0) {
    const backups = await backupInstallations(context.home, carryover);
    output.json({
      ok: true,
      command: "apply",
      applied: [],
      alreadyApplied: before.map(({ requestId: id, report }) => ({
        requestId: id,
        ...importJson(report, backups),
      })),
    });
    output.say(
      "This was applied before; nothing was left to do. The report was:",
      ...before.flatMap(({ report }) => importLines(report, output, backups)),
    );
    return exitCodes.done;
  }
  return applyReady(context, carryover, open.length > 0 ? open : latest, {
    command: "apply",
    profile: name,
    finished: applied,
  });
}
