import type { InboundRequest } from "@carryover/client";
import type { Command } from "commander";
import { exitCodes } from "../exit-code.js";
import type { Output } from "../output.js";
import { type ProfileOptions, withSession } from "../session.js";
import { counted } from "../terminal/format.js";
import { hint } from "../terminal/hint.js";
import { screen } from "../terminal/layout.js";
import { catchUp } from "./catch-up.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "./command-line.js";
import { inboundJson } from "./request-json.js";
import { askedScreen } from "./request-view.js";

/** `carryover inbox`: requests that wait for a person here. */
export function inboxCommand(run: Run): Command {
  return withProfileOptions(
    commandOf("inbox", "list requests that wait for your yes or no"),
  ).action(async (_options, command: Command) => {
    const options = command.opts<ProfileOptions & CommonOptions>();
    await run(options, (context) =>
      withSession(context, options, async (session) => {
        const { output } = context;
        const carryover = await session.carryover();
        const { closed, problems, disregarded } = await catchUp(
          context,
          carryover,
          session.profile.name,
        );
        const requests = await carryover.listInboundBackupRequests();
        output.json({
          ok: true,
          command: "inbox",
          requests: requests.map(inboundJson),
          closed: Object.fromEntries(closed),
          problems: problems.map((problem) => ({ ...problem })),
          disregarded,
        });
        sayInbox(output, requests, session.profile.name);
        return requests.length === 0 ? exitCodes.pending : exitCodes.done;
      }),
    );
  });
}

function sayInbox(
  output: Output,
  requests: readonly InboundRequest[],
  profile: string,
): void {
  if (requests.length === 0) {
    output.say(`Nobody asks ${profile} for the history.`);
    return;
  }
  output.say(
    `${counted(requests.length, "request")} on ${profile}. Whoever gets a yes can read the whole history.`,
    "",
  );
  for (const request of requests) {
    output.say(...inboundScreen(request, output), "");
    if (request.state === "approved")
      output.say(
        "You said yes; sending goes on with the next command. To take it back:",
        `  ${hint(`decline ${request.requestId} --profile ${profile}`)}`,
        "",
      );
  }
  const waiting = requests.filter(({ state }) => state === "awaitingConsent");
  const [first] = waiting;
  if (first === undefined) return;
  // With several of them the commands need to be told which one.
  const which = requests.length === 1 ? "" : " REQUEST";
  const isTyped =
    first.verificationPin === undefined && first.pinState === "unique";
  output.say(
    isTyped
      ? "If you asked, say yes, and type the PIN that the new device shows:"
      : "If you asked, and the PIN on the new device is the same:",
    `  ${hint(`approve${which} --profile ${profile}`)}`,
    "If not:",
    `  ${hint(`decline${which} --profile ${profile}`)}`,
  );
}

/** A request in its frame. */
export function inboundScreen(
  request: InboundRequest,
  output: Output,
): string[] {
  return screen(
    "a device asks for your history",
    askedScreen(request, output),
    { width: Math.min(output.width, 72) },
  );
}
