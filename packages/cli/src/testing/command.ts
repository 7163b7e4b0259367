import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createWarmCommands } from "./warm-commands.js";

/** What the command is started from. */
export const program = fileURLToPath(
  new URL("../../bin/carryover.js", import.meta.url),
);

/** A command that ended. */
export interface Finished {
  exitCode: number | null;
  stdout: string;
  stderr: string;
  /** Standard output, as the one JSON document that it should be. */
  json(): Record<string, unknown>;
}

/** What a command is run with. */
export interface CommandOptions {
  /** Standard input; closed when it is left out. */
  input?: string;
  env?: Record<string, string>;
  /** Another path to the same program. */
  program?: string;
  /** Where it is started. */
  directory?: string;
}

/** A place for profiles, with the real command running in it. */
export interface TestHome {
  readonly directory: string;
  /** Directory that the command takes for temporary files. */
  readonly temporary: string;
  run(args: readonly string[], options?: CommandOptions): Promise<Finished>;
  /** Runs the same code in one process for all such commands: faster, for where it is what they do that counts. */
  runWarm(
    args: readonly string[],
    options?: Pick<CommandOptions, "input" | "env">,
  ): Promise<Finished>;
  /** Starts a command that goes on, such as `dev`. It is killed in the end. */
  start(args: readonly string[], options?: CommandOptions): Running;
  remove(): Promise<void>;
}

/** A command that is running. */
export interface Running {
  readonly child: ChildProcess;
  /** What it wrote so far. */
  stdout(): string;
  readonly finished: Promise<Finished>;
}

/** Runs a test in a home of its own, so that it can run beside others of its file. */
export async function inTestHome(
  work: (home: TestHome) => Promise<void>,
): Promise<void> {
  const home = await createTestHome();
  try {
    await work(home);
  } finally {
    await home.remove();
  }
}

/** Makes a home. Remove it when done. */
export async function createTestHome(): Promise<TestHome> {
  const root = await mkdtemp(join(tmpdir(), "carryover-cli-"));
  const running = new Map<ChildProcess, Promise<Finished>>();
  const directory = join(root, "home");
  const temporary = await mkdtemp(join(root, "tmp-"));

  const ownEnv = {
    PATH: process.env["PATH"] ?? "",
    HOME: root,
    TMPDIR: temporary,
    CARRYOVER_HOME: directory,
  };
  const warm = createWarmCommands(ownEnv);

  const start = (
    args: readonly string[],
    { input, env = {}, ...how }: CommandOptions = {},
  ): Running => {
    const errorFile = join(root, `stderr-${randomBytes(6).toString("hex")}`);
    // A file, not a pipe: what Node gives as a pipe is a socket, which the command cannot open anew.
    const errors = openSync(errorFile, "a");
    const child = spawn(process.execPath, [how.program ?? program, ...args], {
      cwd: how.directory,
      env: { ...ownEnv, ...env },
      stdio: [input === undefined ? "ignore" : "pipe", "pipe", errors],
    });
    closeSync(errors);
    child.stdin?.end(input);
    let stdout = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    const finish = async (): Promise<Finished> => {
      const [exitCode] = (await once(child, "close")) as [number | null];
      running.delete(child);
      return {
        exitCode,
        stdout,
        stderr: readFileSync(errorFile, "utf8"),
        json: () => JSON.parse(stdout) as Record<string, unknown>,
      };
    };
    const finished = finish();
    running.set(child, finished);
    return { child, stdout: () => stdout, finished };
  };

  return {
    directory,
    temporary,
    start,
    run: (args, options) => start(args, options).finished,
    runWarm: async (args, { input, env } = {}) => {
      // It reads the standard input of its process whole.
      if (args[0] === "send")
        return start(args, input === undefined ? {} : { input }).finished;
      const ended = await warm.run(args, {
        ...(input === undefined ? {} : { input }),
        ...(env === undefined ? {} : { env }),
      });
      return {
        ...ended,
        json: () => JSON.parse(ended.stdout) as Record<string, unknown>,
      };
    },
    async remove() {
      for (const child of running.keys()) child.kill("SIGKILL");
      await Promise.all([...running.values(), warm.stop()]);
      await rm(root, { recursive: true, force: true });
    },
  };
}
