import { silenceNativeCode } from "./native-noise.js";

const stderr = silenceNativeCode(process.env);

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
    stop.abort(new Stopped(exitCode));
  });
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
