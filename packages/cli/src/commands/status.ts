import { CarryoverError, type OutboundRequest } from "@carryover/client";
import type { Command } from "commander";
import type { CommandContext } from "../context.js";
import { type ExitCode, exitCodes } from "../exit-code.js";
import {
  type ProfileOptions,
  sayUnreachable,
  type Session,
  withSession,
} from "../session.js";
import {
  counted,
  formatAge,
  formatUntil,
  nowNs,
  shortId,
} from "../terminal/format.js";
import { hint } from "../terminal/hint.js";
import { canBeApplied, latestCall } from "./apply-ready.js";
import { type CaughtUp, catchUp } from "./catch-up.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "./command-line.js";
import { inboundJson, outboundJson } from "./request-json.js";
import { standing } from "./request-view.js";

/** `carryover status`: where this installation's own requests stand, and how many wait for it. */
export function statusCommand(run: Run): Command {
  return withProfileOptions(
    commandOf("status", "show where the requests of this installation stand"),
  )
    .argument("[request]", "one request alone")
    .action(
      async (requestId: string | undefined, _options, command: Command) => {
        const options = command.opts<ProfileOptions & CommonOptions>();
        await run(options, (context) =>
          withSession(
            context,
            options,
            (session) => status(context, session, requestId),
            "ifThere",
          ),
        );
      },
    );
}

/** `carryover cancel REQUEST`: takes a request back. */
export function cancelCommand(run: Run): Command {
  return withProfileOptions(
    commandOf("cancel", "take a request back: an answer to it is ignored"),
  )
    .argument("<request>", "the request")
    .action(async (requestId: string, _options, command: Command) => {
      const options = command.opts<ProfileOptions & CommonOptions>();
      await run(options, (context) =>
        withSession(context, options, async (session) => {
          const carryover = await session.carryover();
          const before =
            await carryover.getRemoteMessageHistoryBackupRequestStatus(
              requestId,
            );
          if (
            before.status !== "Pending" &&
            before.failure?.code !== "cancelled"
          )
            throw new CarryoverError(
              "wrongState",
              `the request is over: ${standing(before).replace(/\.$/, "")}`,
            );
          if (before.status === "Pending")
            await carryover.cancelRemoteMessageHistoryBackup(requestId);
          context.output.json({ ok: true, command: "cancel", requestId });
          context.output.say(
            `${context.output.style.green("✓")} Taken back. Its keys are deleted, and an answer to it is ignored.`,
          );
          return exitCodes.done;
        }),
      );
    });
}

async function status(
  context: CommandContext,
  session: Session,
  requestId: string | undefined,
): Promise<ExitCode> {
  const { output } = context;
  const carryover = await session.carryover();
  const { network, problems } = await catchUpIfThere(context, session);
  const outbound =
    requestId === undefined
      ? await carryover.listOutboundBackupRequests()
      : [await carryover.getRemoteMessageHistoryBackupRequestStatus(requestId)];
  const inbound = await carryover.listInboundBackupRequests();
  const exitCode = exitCodeOf(outbound);
  output.json({
    ok: true,
    command: "status",
    profile: session.profile.name,
    network,
    outbound: outbound.map(outboundJson),
    inbound: inbound.map(inboundJson),
    problems: problems.map((problem) => ({ ...problem })),
  });
  const now = nowNs();
  if (outbound.length === 0)
    output.say("This installation has asked for nothing.");
  for (const request of outbound) {
    output.say(
      `${request.requestId}  ${output.style.bold(request.status)}`,
      `  ${standing(request)}`,
      `  asked installation ${shortId(request.recipientInstallationId)}… ${formatAge(request.createdAtNs, now)}${
        request.status === "Pending"
          ? `; PIN ${request.verificationPin}, expires ${formatUntil(request.expiresAtNs, now)}`
          : ""
      }`,
    );
  }
  if (inbound.length > 0)
    output.say(
      "",
      `${counted(inbound.length, "request")} from other devices: ${hint(`inbox --profile ${session.profile.name}`)}`,
    );
  return exitCode;
}

/** What this installation knows is shown also where it cannot ask the network for more. */
async function catchUpIfThere(
  context: CommandContext,
  session: Session,
): Promise<{
  network: Session["network"];
  problems: CaughtUp["problems"];
}> {
  if (session.network === "reachable")
    try {
      const { problems } = await catchUp(
        context,
        await session.carryover(),
        session.profile.name,
      );
      return { network: "reachable", problems };
    } catch (error) {
      if (!(
        error instanceof CarryoverError && error.code === "networkUnavailable"
      ))
        throw error;
    }
  sayUnreachable(context.output);
  return { network: "unreachable", problems: [] };
}

/**
 * What is there to apply comes first. Else the last time that it asked counts, and there one applied request is enough:
 * several installations were asked the same thing.
 */
function exitCodeOf(requests: readonly OutboundRequest[]): ExitCode {
  const latest = latestCall(requests);
  const [newest] = latest;
  const has = (status: OutboundRequest["status"]) =>
    latest.some((request) => request.status === status);
  if (newest === undefined || requests.some(canBeApplied))
    return exitCodes.pending;
  if (has("Applied")) return exitCodes.done;
  if (has("Pending")) return exitCodes.pending;
  return has("Failed") && newest.failure?.code !== "cancelled"
    ? exitCodes.failed
    : exitCodes.over;
}
