import type { Progress, ProgressPhase } from "@carryover/client";
import { counted, formatBytes, formatCount } from "./format.js";
import type { Style } from "./style.js";
import { fit } from "./text.js";

const titles: Record<ProgressPhase, string> = {
  checkingRequester: "checking who asks",
  makingConversationsLive: "adding the new device",
  archiving: "reading the history",
  uploading: "encrypting, uploading",
  responding: "answering",
  downloading: "downloading",
  verifying: "verifying the file",
  importing: "importing",
  restoringConsent: "restoring consent",
  syncing: "syncing",
  cleaningUp: "cleaning up",
  openingFile: "opening the file",
  registering: "registering",
  joiningConversations: "joining conversations",
  renewingKeyPackage: "renewing keys",
  writingFile: "writing the file",
};

const titleColumns = Math.max(
  ...Object.values(titles).map((title) => title.length),
);
const barColumns = 24;

/** Shows how far a long call has come: one line a phase, which is drawn again in place on a terminal. */
export interface ProgressBar {
  update(progress: Progress): void;
  /** Ends the last line. Call it on every path. */
  finish(outcome: "done" | "stopped"): void;
}

/**
 * @param options.write - takes raw text
 * @param options.redraws - `inPlace` on a terminal; `linePerPhase` writes each phase once, when it is over
 * @param options.columns - of the terminal: what is longer is not drawn, for it could not be drawn again in place
 * @param options.indent - spaces before each line
 */
export function createProgressBar(options: {
  write: (text: string) => void;
  redraws: "inPlace" | "linePerPhase";
  style: Style;
  columns?: number;
  indent?: number;
}): ProgressBar {
  const { write, redraws, style } = options;
  const indent = " ".repeat(options.indent ?? 0);
  // A terminal moves on to the next line when its last column is written.
  const room =
    redraws === "inPlace" && options.columns !== undefined
      ? options.columns - 1 - indent.length
      : Infinity;
  let current: Progress | undefined;
  let drawn = "";

  const draw = (progress: Progress, state: "running" | "done" | "stopped") => {
    const line = indent + lineOf(progress, state, style, room);
    if (redraws === "linePerPhase") {
      if (state !== "running") write(`${line}\n`);
      return;
    }
    if (line === drawn && state === "running") return;
    drawn = line;
    write(`\r\u001b[2K${line}${state === "running" ? "" : "\n"}`);
  };

  return {
    update(progress) {
      if (current !== undefined && current.phase !== progress.phase)
        draw(current, "done");
      // A phase that comes back, or an event that knows less than the last one, must not take figures away.
      current =
        current?.phase === progress.phase
          ? { ...current, ...progress }
          : progress;
      draw(current, "running");
    },
    finish(outcome) {
      if (current !== undefined) draw(current, outcome);
      current = undefined;
    },
  };
}

function lineOf(
  progress: Progress,
  state: "running" | "done" | "stopped",
  style: Style,
  room: number,
): string {
  const mark =
    state === "done"
      ? style.green("✓")
      : state === "stopped"
        ? style.red("✗")
        : style.cyan("›");
  const share = shareOf(progress, state);
  const title = fit(titles[progress.phase], titleColumns);
  const words = figures(progress);
  const left = room - `✓ ${title} `.length - 1 - words.length;
  const columns = Math.max(0, Math.min(barColumns, left));
  const filled = Math.round(share * columns);
  const bar = `${"━".repeat(filled)}${style.dim("─".repeat(columns - filled))}`;
  const known =
    left >= 0 ? words : words.slice(0, Math.max(0, left + words.length));
  return `${mark} ${title} ${bar} ${known}`.trimEnd();
}

function shareOf(
  progress: Progress,
  state: "running" | "done" | "stopped",
): number {
  if (state === "done") return 1;
  const shares = [
    [progress.bytes, progress.totalBytes],
    [progress.messages, progress.totalMessages],
    [progress.conversations, progress.totalConversations],
  ].map(([part, whole]) =>
    part === undefined || whole === undefined || whole === 0
      ? 0
      : Math.min(1, part / whole),
  );
  return Math.max(...shares);
}

function figures(progress: Progress): string {
  const parts: string[] = [];
  if (progress.conversations !== undefined && progress.messages === undefined)
    parts.push(
      part(progress.conversations, progress.totalConversations, "conversation"),
    );
  if (progress.messages !== undefined)
    parts.push(part(progress.messages, progress.totalMessages, "message"));
  if (progress.bytes !== undefined) parts.push(formatBytes(progress.bytes));
  return parts.join(", ");
}

function part(done: number, total: number | undefined, one: string): string {
  return total === undefined || total === done
    ? counted(done, one)
    : `${formatCount(done)} of ${counted(total, one)}`;
}
