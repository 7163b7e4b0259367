import { silenceNativeCode } from "./native-noise.js";
import { redact } from "./redact.js";

// Everything that is written here is its owner's alone, also what the native library writes.
process.umask(0o077);
const stderr = silenceNativeCode(process.env);

// Node itself would write to where nothing is written any more.
process.on("uncaughtException", (error: unknown) => {
  const {
    name,
    message,
    stack = "",
  } = error instanceof Error ? error : new Error(String(error));
  stderr.write(
    `error: ${name}: ${redact(message)}\n       This is a bug: please report it. Messages and keys are kept as they were.\n`,
  );
  if ((process.env["CARRYOVER_DEBUG"] ?? "") !== "")
    stderr.write(
      `${stack
        .split("\n")
        .filter((line) => line.trimStart().startsWith("at "))
        .join("\n")}\n`,
    );
  process.exit(1);
});

// Everything else is loaded after that: the SDK's native part opens files of its own.
const { exitCodes } = await import("./exit-code.js");
const { runCommandLine, Stopped } = await import("./run-command-line.js");

const stop = new AbortController();
const stopOn = (
  signal: "SIGINT" | "SIGTERM" | "SIGHUP",
  exitCode: typeof exitCodes.interrupted | typeof exitCodes.terminated,
) => {
  process.on(signal, () => {
    // A second Ctrl-C is for a person who does not want to wait for the clean-up.
    if (stop.signal.aborted) process.exit(exitCode);
    // The library finishes what it does before it lets go, which can take seconds.
    if (signal === "SIGINT") sayStopping();
    stop.abort(new Stopped(exitCode));
  });
};
const sayStopping = () => {
  // On a terminal a progress bar is on this line, and now also ^C.
  const clear =
    stderr.isTTY === true && process.env["TERM"] !== "dumb"
      ? "\r\u001b[2K"
      : "";
  stderr.write(`${clear}Stopping ... (Ctrl-C once more ends at once)\n`);
};
stopOn("SIGINT", exitCodes.interrupted);
stopOn("SIGTERM", exitCodes.terminated);
stopOn("SIGHUP", exitCodes.terminated);

// A reader that went away, such as `| head`, is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? exitCodes.done : exitCodes.failed);
});

const exitCode = await runCommandLine({
  argv: process.argv.slice(2),
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr,
  promptOutput: (format) =>
    format === "json" ? process.stderr : process.stdout,
  signal: stop.signal,
});

// The native library can keep the process alive after everything is closed: what was written goes out first.
process.stdout.write("", () => {
  process.exit(exitCode);
});
