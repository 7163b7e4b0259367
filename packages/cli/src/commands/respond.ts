import {
  type Carryover,
  CarryoverError,
  type InboundRequest,
  type ResponseReport,
} from "@carryover/client";
import { type Command, Option } from "commander";
import { CliError } from "../cli-error.js";
import type { CommandContext } from "../context.js";
import { type ExitCode, exitCodes } from "../exit-code.js";
import { type ProfileOptions, type Session, withSession } from "../session.js";
import { counted, formatBytes } from "../terminal/format.js";
import { commandLine, hint } from "../terminal/hint.js";
import { createProgressBar } from "../terminal/progress-bar.js";
import { catchUp } from "./catch-up.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "./command-line.js";
import { inboundScreen } from "./inbox.js";
import { responseJson } from "./request-json.js";
import { leftOutLines } from "./request-view.js";
import { givenPin, isWrongPin, typePin } from "./typed-pin.js";

interface RespondOptions extends ProfileOptions, CommonOptions {
  yes?: boolean;
  pinFile?: string;
}

/** `carryover approve`: shows who asks, asks the person, and sends the history. */
export function approveCommand(run: Run): Command {
  return withProfileOptions(
    commandOf(
      "approve",
      "say yes: send the history to the installation that asks",
    ),
  )
    .argument("[request]", "the request; the only one by default")
    .addOption(
      new Option("-y, --yes", "do not ask; the request has to be named then"),
    )
    .option(
      "--pin-file <path>",
      "private file with the typed PIN, in enter mode (or CARRYOVER_PIN)",
    )
    .action(
      async (requestId: string | undefined, _options, command: Command) => {
        const options = command.opts<RespondOptions>();
        await run(options, (context) =>
          withSession(context, options, (session) =>
            approve(context, session, requestId, options),
          ),
        );
      },
    );
}

/** `carryover decline`: says no, and deletes the request. */
export function declineCommand(run: Run): Command {
  return withProfileOptions(
    commandOf("decline", "say no: the request is deleted, nothing is sent"),
  )
    .argument("[request]", "the request; the only one by default")
    .action(
      async (requestId: string | undefined, _options, command: Command) => {
        const options = command.opts<RespondOptions>();
        await run(options, (context) =>
          withSession(context, options, async (session) => {
            const { output } = context;
            const carryover = await session.carryover();
            const request = await chooseToDecline(
              context,
              carryover,
              requestId,
              session.profile.name,
            );
            const report = await carryover.respondToBackupRequest(
              request.requestId,
              "decline",
            );
            output.json({
              ok: true,
              command: "decline",
              requestId: request.requestId,
              tookYesBack: request.state === "approved",
              ...responseJson(report),
            });
            output.say(
              ...(request.state === "approved"
                ? [
                    `${output.style.green("✓")} Your yes is taken back, and the request is deleted.`,
                    "  What was uploaded already cannot be opened. An answer that had left already cannot be called back.",
                  ]
                : [
                    `${output.style.green("✓")} Declined. Nothing was sent, and the request is deleted.`,
                  ]),
            );
            return exitCodes.done;
          }),
        );
      },
    );
}

/**
 * Catching up carries out a yes that an interruption stopped. A no to that very request must come before it: so whatever is
 * known here already is declined without a look at the network.
 */
async function chooseToDecline(
  context: CommandContext,
  carryover: Carryover,
  requestId: string | undefined,
  profile: string,
): Promise<InboundRequest> {
  const known = await carryover.listInboundBackupRequests();
  const isHere =
    requestId === undefined
      ? known.some(({ state }) => state === "approved")
      : known.some((request) => request.requestId === requestId);
  if (!isHere) await catchUp(context, carryover, profile);
  return chooseRequest(carryover, requestId, profile);
}

async function approve(
  context: CommandContext,
  session: Session,
  requestId: string | undefined,
  options: RespondOptions,
): Promise<ExitCode> {
  const { output } = context;
  const { name } = session.profile;
  if (options.yes === true && requestId === undefined)
    throw new CliError(
      "usage",
      "--yes needs the request that it is for",
      `Nothing was sent. Look at "${hint(`inbox --profile ${name}`)}", compare the PIN, and give the request id: a yes is for that request alone.`,
    );
  const carryover = await session.carryover();
  const { closed } = await catchUp(context, carryover, name);
  const finished = [...closed].find(
    ([id, reason]) =>
      reason === "responded" && (requestId === undefined || requestId === id),
  );
  if (finished !== undefined) {
    // The yes was given before; an interruption had come between.
    output.json({
      ok: true,
      command: "approve",
      requestId: finished[0],
      outcome: "responded",
    });
    return exitCodes.done;
  }
  const request = await chooseRequest(carryover, requestId, name);
  const outcome =
    request.verificationPin === undefined && request.pinState === "unique"
      ? await approveWithTypedPin(context, carryover, request, options, name)
      : await approveShownPin(context, carryover, request, options, name);
  if (outcome === "no") {
    output.json({
      ok: true,
      command: "approve",
      requestId: request.requestId,
      outcome: "undecided",
    });
    output.say(
      "Nothing was sent. The request is still open.",
      `To delete it: ${hint(`decline --profile ${name}`)}`,
    );
    return exitCodes.pending;
  }
  output.json({
    ok: true,
    command: "approve",
    requestId: request.requestId,
    ...responseJson(outcome),
  });
  output.say(
    `${output.style.green("✓")} Sent ${counted(outcome.messageCount, "message")} in ${counted(outcome.conversationCount, "conversation")} (${formatBytes(outcome.sizeBytes)}, encrypted).`,
    ...leftOutLines(outcome.leftOut),
    ...(outcome.notMadeLive.length === 0
      ? []
      : [
          `  ${counted(outcome.notMadeLive.length, "conversation")} can be written in as soon as a member writes.`,
        ]),
    `  On the other device: ${commandLine()} apply`,
  );
  return exitCodes.done;
}

async function chooseRequest(
  carryover: Carryover,
  requestId: string | undefined,
  profile: string,
): Promise<InboundRequest> {
  const requests = await carryover.listInboundBackupRequests();
  const [only] = requests;
  if (requestId !== undefined) {
    const named = requests.find((request) => request.requestId === requestId);
    if (named !== undefined) return named;
    throw new CarryoverError(
      "requestNotFound",
      `no request with this id waits on ${profile}`,
    );
  }
  if (only === undefined)
    throw new CliError(
      "noInboundRequest",
      `nobody asks ${profile} for the history`,
      `Nothing was sent. Ask from the new device first, with: ${commandLine()} request`,
    );
  if (requests.length > 1)
    throw new CliError(
      "severalInboundRequests",
      `${requests.length} requests wait on ${profile}`,
      `Nothing was sent. Look at "${hint(`inbox --profile ${profile}`)}" and give the id of the one you mean.`,
    );
  return only;
}

async function approveShownPin(
  context: CommandContext,
  carryover: Carryover,
  request: InboundRequest,
  { yes }: RespondOptions,
  profile: string,
): Promise<ResponseReport | "no"> {
  const { output, prompt } = context;
  // A conflict is shown too, and then refused by the engine: the person has to see it.
  output.say(...inboundScreen(request, output), "");
  if (yes !== true && request.pinState === "unique") {
    const answer = await prompt.yesNo(
      "Did you ask, and does the other device show this PIN? [y/N] ",
    );
    if (answer === "no") return "no";
  }
  return send(context, carryover, { requestId: request.requestId, profile });
}

async function approveWithTypedPin(
  context: CommandContext,
  carryover: Carryover,
  request: InboundRequest,
  options: RespondOptions,
  profile: string,
): Promise<ResponseReport> {
  const { output } = context;
  output.say(...inboundScreen(request, output), "");
  const given = await givenPin(context, options);
  const { requestId } = request;
  if (given !== undefined)
    return send(context, carryover, { requestId, profile, pin: given });
  for (;;) {
    const pin = await typePin(context);
    try {
      return await send(context, carryover, { requestId, profile, pin });
    } catch (error) {
      const left = (await carryover.listInboundBackupRequests()).find(
        (each) => each.requestId === requestId,
      )?.wrongPinTriesLeft;
      if (!isWrongPin(error) || left === undefined || left === 0) throw error;
      output.say(
        `${output.style.red("✗")} That is not the PIN. ${counted(left, "try", "tries")} left.`,
      );
    }
  }
}

interface Sending {
  requestId: string;
  profile: string;
  pin?: string;
}

async function send(
  { output, signal }: CommandContext,
  carryover: Carryover,
  { requestId, profile, pin }: Sending,
): Promise<ResponseReport> {
  const bar = createProgressBar(output);
  try {
    const report = await carryover.respondToBackupRequest(
      requestId,
      "approve",
      {
        signal,
        onProgress: (progress) => {
          bar.update(progress);
        },
        ...(pin === undefined ? {} : { pin }),
      },
    );
    bar.finish("done");
    return report;
  } catch (error) {
    bar.finish("stopped");
    throw signal.aborted && (await isApproved(carryover, requestId))
      ? new CliError(
          "interrupted",
          "stopped after your yes, before the answer had left",
          `Your yes stands: the next command on ${profile} goes on with it. To take it back: ${hint(`decline ${requestId} --profile ${profile}`)}`,
          { cause: error },
        )
      : error;
  }
}

const isApproved = async (carryover: Carryover, id: string) =>
  (await carryover.listInboundBackupRequests()).some(
    ({ requestId, state }) => requestId === id && state === "approved",
  );
