import type {
  Carryover,
  InboundClosedReason,
  OutboundRequest,
  SyncReport,
} from "@carryover/client";
import type { CommandContext } from "../context.js";
import { counted } from "../terminal/format.js";
import { hint } from "../terminal/hint.js";
import { createProgressBar } from "../terminal/progress-bar.js";

/** What happened while this installation caught up. */
export interface CaughtUp {
  /** Requests from others that are over, and why. */
  readonly closed: ReadonlyMap<string, InboundClosedReason>;
  /** Own requests whose interrupted import is complete now. */
  readonly applied: readonly OutboundRequest[];
  /** Unfinished work that still cannot be finished. */
  readonly problems: SyncReport["problems"];
  /** Messages of Backup Account Files that were disregarded: those may answer, and nothing else. */
  readonly disregarded: number;
}

const closedWords: Record<InboundClosedReason, string> = {
  responded: "you had said yes; the history is sent now",
  declined: "you had said no; it is deleted now",
  refused: "it broke a rule and was refused; nothing was sent",
  expired: "it expired; nothing was sent",
  failed: "you had said yes, but it could not be sent; nothing is left of it",
};

/**
 * Fetches what is new and finishes what an interruption left, and says so: every command that looks at requests begins
 * with it.
 *
 * @param profile - name of the one that it is
 */
export async function catchUp(
  { output, signal }: CommandContext,
  carryover: Carryover,
  profile: string,
): Promise<CaughtUp> {
  const closed = new Map<string, InboundClosedReason>();
  const applied = new Map<string, OutboundRequest>();
  let disregarded = 0;
  const unsubscribe = carryover.subscribe((event) => {
    if (
      event.kind === "messageIgnored" &&
      event.reason === "senderIsBackupInstallation"
    )
      disregarded += 1;
    if (event.kind === "inboundRequestClosed")
      closed.set(event.requestId, event.reason);
    if (
      event.kind === "outboundRequestChanged" &&
      event.request.status === "Applied"
    )
      applied.set(event.request.requestId, event.request);
  });
  const bar = createProgressBar(output);
  try {
    const { problems } = await carryover.sync({
      signal,
      onProgress: (progress) => {
        bar.update(progress);
      },
    });
    // What was under way last may be what could not be finished.
    bar.finish(problems.length === 0 ? "done" : "stopped");
    // Events come by themselves, after what caused them.
    await new Promise((resolve) => setImmediate(resolve));
    for (const [requestId, reason] of closed)
      output.say(`Request ${requestId}: ${closedWords[reason]}.`);
    for (const { requestId, advice } of problems)
      output.say(
        `${output.style.yellow("!")} Request ${requestId} is not finished. ${advice}`,
      );
    if (disregarded > 0)
      output.say(
        `${output.style.yellow("!")} ${counted(disregarded, "message")} of a Backup Account File of this account ${disregarded === 1 ? "was" : "were"} disregarded:`,
        "  a file may answer requests, and nothing else. If that was not you, somebody",
        `  has the file: see it with ${hint(`installations --profile ${profile}`)}, and revoke it.`,
        "",
      );
    return { closed, applied: [...applied.values()], problems, disregarded };
  } catch (error) {
    bar.finish("stopped");
    throw error;
  } finally {
    unsubscribe();
  }
}
