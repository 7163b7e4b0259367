import { type Command, CommanderError } from "commander";
import type { Run } from "./commands/command-line.js";
import { CliError } from "./cli-error.js";
import { type ExitCode, exitCodes } from "./exit-code.js";
import { createOutput, type TextSink, writeError } from "./output.js";
import { locateHome } from "./profile/home.js";
import { createProgram } from "./program.js";
import { createPrompt } from "./terminal/prompt.js";

/** What the process gives to the command line. */
export interface CommandLineProcess {
  argv: readonly string[];
  environment: Readonly<Record<string, string | undefined>>;
  stdin: NodeJS.ReadStream;
  stdout: TextSink;
  stderr: TextSink;
  /** Where questions are written: with `--json` standard output is for the answer alone. */
  promptOutput: (format: "text" | "json") => NodeJS.WriteStream;
  /** Aborts on Ctrl-C and SIGTERM; its reason says which. */
  signal: AbortSignal;
}

/** Why a {@link CommandLineProcess} signal aborts. */
export class Stopped extends Error {
  override readonly name = "Stopped";
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode) {
    super("stopped by a signal");
    this.exitCode = exitCode;
  }
}

/** Runs one command. Every error is shown here, and nowhere else. */
export async function runCommandLine({
  argv,
  environment,
  stdin,
  stdout,
  stderr,
  promptOutput,
  signal,
}: CommandLineProcess): Promise<ExitCode> {
  let exitCode: ExitCode = exitCodes.done;
  const streams = { stdout, stderr };
  const fail = async (
    error: unknown,
    format: "text" | "json",
  ): Promise<ExitCode> => {
    const { exitCode } = await writeError(
      createOutput(format, streams, environment),
      stderr,
      signal.aborted && !(error instanceof CliError) ? stoppedError() : error,
      environment,
    );
    return exitCode;
  };

  const run: Run = async (options, work) => {
    const format = options.json === true ? "json" : "text";
    const output = createOutput(format, streams, environment);
    try {
      exitCode = await work({
        home: locateHome(options.home, environment),
        output,
        prompt: createPrompt(stdin, promptOutput(format), signal),
        signal,
        environment,
      });
    } catch (error) {
      exitCode = await fail(error, format);
    }
    // A server's clean end by a signal is success; anything else that was stopped says so.
    if (exitCode === exitCodes.interrupted && signal.reason instanceof Stopped)
      exitCode = signal.reason.exitCode;
  };
  const program = await createProgram(run, argv[0]);
  for (const command of [program, ...descendants(program)])
    command.exitOverride().configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => {
        // With --json the document below says the same.
        if (!argv.includes("--json")) stderr.write(text);
      },
    });

  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) {
      // An option's parser threw before any command ran.
      return fail(error, argv.includes("--json") ? "json" : "text");
    }
    if (error.exitCode === 0) return exitCodes.done;
    if (argv.includes("--json"))
      return fail(
        new CliError(
          "usage",
          error.message.replace(/^error: /, ""),
          "Nothing was changed. See --help.",
        ),
        "json",
      );
    return exitCodes.usage;
  }
  return exitCode;
}

function stoppedError(): CliError {
  return new CliError(
    "interrupted",
    "stopped on request",
    "Nothing was lost. Run the same command again to go on where it was.",
  );
}

function descendants(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...descendants(child)]);
}
