import type { Carryover, OutboundRequest } from "@carryover/client";
import type { Command } from "commander";
import { CliError } from "../cli-error.js";
import type { CommandContext } from "../context.js";
import { exitCodes } from "../exit-code.js";
import { requireStorage } from "../network/endpoints.js";
import { type ProfileOptions, type Session, withSession } from "../session.js";
import { hint } from "../terminal/hint.js";
import { screen } from "../terminal/layout.js";
import { applyReady } from "./apply-ready.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "./command-line.js";
import { outboundJson } from "./request-json.js";
import { askingScreen } from "./request-view.js";
import { waitForAnswer } from "./wait-for-answer.js";

interface RequestOptions extends ProfileOptions, CommonOptions {
  wait?: boolean;
  accountFiles?: boolean;
}

/** `carryover request`: asks the account's other installations for the history. */
export function requestCommand(run: Run): Command {
  return withProfileOptions(
    commandOf(
      "request",
      "ask the account's other installations for the history",
    ),
  )
    .option("--wait", "wait for the answer, and apply it")
    .option(
      "--account-files",
      "ask Backup Account Files too; open yours with: account requests",
    )
    .action(async (_options, command: Command) => {
      const options = command.opts<RequestOptions>();
      await run(options, (context) =>
        withSession(context, options, (session) =>
          ask(context, session, options),
        ),
      );
    });
}

async function ask(
  context: CommandContext,
  session: Session,
  { wait, accountFiles }: RequestOptions,
) {
  const { output, signal } = context;
  await requireStorage(session.storageUrl);
  const carryover = await session.carryover();
  const requests = await carryover.requestRemoteMessageHistoryBackup({
    storageProviderUrl: session.storageUrl,
    appName: session.profile.appName,
    ask: accountFiles === true ? "devicesAndBackupAccountFiles" : "devices",
    signal,
  });
  output.json({
    ok: true,
    command: "request",
    requests: requests.map(outboundJson),
  });
  output.say(
    ...screen(session.profile.name, askingScreen(requests, output), {
      width: Math.min(output.width, 64),
    }),
    "",
  );
  if (wait !== true) {
    if (accountFiles === true)
      output.say(
        `To answer with a Backup Account File: ${hint("account requests FILE")}`,
      );
    output.say(
      `When the other side has said yes: ${hint(`apply --profile ${session.profile.name}`)}`,
    );
    return exitCodes.done;
  }
  return waitAndApply(context, session, carryover, requests);
}

async function waitAndApply(
  context: CommandContext,
  session: Session,
  carryover: Carryover,
  requests: readonly OutboundRequest[],
) {
  const { output, signal } = context;
  output.say("Waiting for the answer; Ctrl-C leaves the request open.");
  const settled = await waitForAnswer(
    carryover,
    requests.map(({ requestId }) => requestId),
    signal,
  ).catch((error: unknown) => {
    if (!signal.aborted) throw error;
    throw new CliError(
      "interrupted",
      "stopped while waiting",
      `The request stays open. Go on with: ${hint(`apply --profile ${session.profile.name}`)}`,
      { cause: error },
    );
  });
  return applyReady(context, carryover, settled, {
    command: "request",
    profile: session.profile.name,
  });
}
