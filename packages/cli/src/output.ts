import type { CarryoverErrorCode } from "@carryover/client";
import { CliError } from "./cli-error.js";
import {
  type ExitCode,
  exitCodeFor,
  exitCodeForAccountFile,
  exitCodeForFile,
  exitCodes,
} from "./exit-code.js";
import { redact } from "./redact.js";
import { explainSystemError } from "./system-error.js";
import { givenHints, hint } from "./terminal/hint.js";
import { createStyle, type Style, wantsColor } from "./terminal/style.js";
import { wrapWhole } from "./terminal/text.js";

/** What `--json` can print: 64-bit numbers are strings, bytes do not occur. */
export type Json =
  string | number | boolean | null | Json[] | { [key: string]: Json };

/** Where a command writes: text for persons, or JSON for programs. Standard output is one or the other, never both. */
export interface Output {
  readonly format: "text" | "json";
  readonly style: Style;
  /** Columns to use. */
  readonly width: number;
  /** That there are: a line that is drawn again in place must not be longer. */
  readonly columns: number;
  /** `inPlace` where a line can be drawn again. */
  readonly redraws: "inPlace" | "linePerPhase";
  /** Writes lines for a person; nothing with `--json`. */
  say(...lines: string[]): void;
  /** Raw text for a person, such as a progress bar; nothing with `--json`. */
  write(text: string): void;
  /** One JSON document on a line of its own; nothing without `--json`. */
  json(document: { [key: string]: Json }): void;
  /** Writes a note for a person on standard error, in both formats. */
  note(...lines: string[]): void;
}

/** Where text goes: a terminal, a file, a pipe. */
export interface TextSink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

interface Streams {
  stdout: TextSink;
  stderr: TextSink;
}

const maxWidth = 80;
const minWidth = 24;

/** A terminal knows; where there is none, or one that does not know, whoever set `COLUMNS` does. */
function columnsOfSink(
  { isTTY, columns = 0 }: TextSink,
  environment: Readonly<Record<string, string | undefined>>,
): number {
  if (isTTY === true && columns > 0) return columns;
  const told = Number(environment["COLUMNS"] ?? "");
  return Number.isSafeInteger(told) && told > 0 ? told : maxWidth;
}

/** @param environment - `NO_COLOR`, `FORCE_COLOR`, `TERM`, `COLUMNS` */
export function createOutput(
  format: "text" | "json",
  { stdout, stderr }: Streams,
  environment: Readonly<Record<string, string | undefined>>,
): Output {
  const columns = columnsOfSink(stdout, environment);
  const text = (write: () => void) => {
    if (format === "text") write();
  };
  return {
    format,
    style: createStyle(wantsColor(stdout, environment) ? "color" : "plain"),
    columns,
    width: Math.max(minWidth, Math.min(columns, maxWidth)),
    redraws:
      stdout.isTTY === true && environment["TERM"] !== "dumb"
        ? "inPlace"
        : "linePerPhase",
    say: (...lines) => {
      // Lines are made for 80 columns. A narrower terminal would break them in the middle of a word.
      const fitting =
        columns < maxWidth
          ? lines.flatMap((line) =>
              wrapWhole(line, Math.max(minWidth, columns), givenHints()),
            )
          : lines;
      text(() => stdout.write(fitting.map((line) => `${line}\n`).join("")));
    },
    write: (raw) => {
      text(() => stdout.write(raw));
    },
    json: (document) => {
      if (format === "json") stdout.write(`${JSON.stringify(document)}\n`);
    },
    note: (...lines) => {
      stderr.write(lines.map((line) => `${line}\n`).join(""));
    },
  };
}

/** An error as a person and a program see it. */
export interface ErrorView {
  code: string;
  message: string;
  advice: string;
  retryable: boolean;
  exitCode: ExitCode;
}

/** The advice, with the command that carries it out where there is one for a single case. */
const adviceHere = ({
  code,
  advice,
}: {
  code: CarryoverErrorCode;
  advice: string;
}): string =>
  code === "accountFileOlderCopy"
    ? `${advice.replace(/\.$/, "")}: ${hint("account refresh FILE --even-if-older")}`
    : advice;

/** What is shown of anything that was thrown. */
export async function viewError(error: unknown): Promise<ErrorView> {
  if (error instanceof CliError) {
    const { code, message, advice, retryable, exitCode } = error;
    return { code, message, advice, retryable, exitCode };
  }
  if (error instanceof Error && error.name === "LocalFileError") {
    const { LocalFileError } = await import("./commands/local-file-error.js");
    if (error instanceof LocalFileError) {
      const { code, message, advice, retryable, exitCode } = error;
      return { code, message, advice, retryable, exitCode };
    }
  }
  // What these are thrown by is loaded already; commands that do without it start faster.
  const { CarryoverError } = await import("@carryover/client");
  if (error instanceof CarryoverError) {
    const { code, message, retryable } = error;
    const advice = adviceHere(error);
    return { code, message, advice, retryable, exitCode: exitCodeFor(code) };
  }
  const { BackupFileError } = await import("@carryover/backup-file");
  if (error instanceof BackupFileError) {
    const { code, message, advice, retryable } = error;
    return {
      code,
      message,
      advice,
      retryable,
      exitCode: exitCodeForFile(code),
    };
  }
  if (error instanceof Error && error.name === "AccountFileError") {
    const { AccountFileError } = await import("@carryover/xmtp-node");
    if (error instanceof AccountFileError) {
      const { code, message, advice, retryable } = error;
      return {
        code,
        message,
        advice,
        retryable,
        exitCode: exitCodeForAccountFile(code),
      };
    }
  }
  const disk = explainSystemError(error);
  if (disk !== undefined) return viewError(disk);
  return {
    code: "internal",
    message: redact(error instanceof Error ? error.message : String(error)),
    advice:
      "This was not expected. Messages and keys are kept as they were. Run it again; if it comes back, report it with what CARRYOVER_DEBUG=1 shows.",
    retryable: false,
    exitCode: exitCodes.failed,
  };
}

/** Writes an error: what happened, then what was kept and what to do next. */
export async function writeError(
  output: Output,
  stderr: TextSink,
  error: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ErrorView> {
  const view = await viewError(error);
  const { exitCode, ...shown } = view;
  if (output.format === "json")
    output.json({ ok: false, error: { ...shown, exitCode } });
  else {
    const style = createStyle(
      wantsColor(stderr, environment) ? "color" : "plain",
    );
    // Nothing is cut, and no command broken that is to be copied.
    const lines = (text: string) =>
      text
        .split("\n")
        .flatMap((line) => wrapWhole(line, output.width - 7, givenHints()));
    const [first = "", ...others] = lines(view.message);
    output.note(
      `${style.red("error:")} ${first}`,
      ...[...others, ...lines(view.advice)].map((line) => `       ${line}`),
    );
  }
  if ((environment["CARRYOVER_DEBUG"] ?? "") !== "" && error instanceof Error)
    output.note(debugTrace(error));
  return view;
}

function debugTrace(error: Error): string {
  const frames = (error.stack ?? "")
    .split("\n")
    .filter((line) => line.trimStart().startsWith("at "));
  const cause =
    error.cause instanceof Error
      ? `\ncaused by ${error.cause.name}: ${redact(error.cause.message)}\n${debugTrace(error.cause)}`
      : "";
  return `${error.name}\n${frames.join("\n")}${cause}`;
}
