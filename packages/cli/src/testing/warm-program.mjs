// Runs one command line after the other in one process, so that its modules are loaded once. The same code as the command
// runs, without what belongs to its process: signals, the terminal, the silence of native code.
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";

process.umask(0o077);
const { runCommandLine } = await import("../../dist/run-command-line.js");
const program = fileURLToPath(
  new URL("../../bin/carryover.js", import.meta.url),
);

process.on("message", async ({ number, args, input, env }) => {
  process.argv = [process.execPath, program, ...args];
  let stdout = "";
  let stderr = "";
  const out = { write: (text) => (stdout += text) };
  const error = { write: (text) => (stderr += text) };
  const exitCode = await runCommandLine({
    argv: args,
    environment: { ...process.env, ...env },
    stdin: Readable.from(input === undefined ? [] : [input]),
    stdout: out,
    stderr: error,
    promptOutput: (format) => (format === "json" ? error : out),
    signal: new globalThis.AbortController().signal,
  });
  process.send({ number, exitCode, stdout, stderr });
});
