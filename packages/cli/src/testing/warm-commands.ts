import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./warm-program.mjs", import.meta.url));

/** How a command ended. */
export interface Ended {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** One process that runs command lines, one after the other. */
export interface WarmCommands {
  run(
    args: readonly string[],
    how: { input?: string; env?: Readonly<Record<string, string>> },
  ): Promise<Ended>;
  stop(): Promise<void>;
}

/** Starts it with the first command. */
export function createWarmCommands(env: NodeJS.ProcessEnv): WarmCommands {
  let child: ChildProcess | undefined;
  let number = 0;
  const start = () =>
    fork(program, {
      env,
      execArgv: [],
      // What the native library says is of no interest here.
      stdio: ["ignore", "inherit", "ignore", "ipc"],
    });
  return {
    run: async (args, how) => {
      const own = (child ??= start());
      const mine = (number += 1);
      const died = new AbortController();
      const onExit = () => {
        died.abort(new Error(`the process of ${args.join(" ")} died`));
      };
      own.once("exit", onExit);
      try {
        own.send({ number: mine, args, ...how });
        for (;;) {
          const [answer] = (await once(own, "message", {
            signal: died.signal,
          })) as [Ended & { number: number }];
          if (answer.number === mine) return answer;
        }
      } finally {
        own.off("exit", onExit);
      }
    },
    stop: async () => {
      if (child === undefined || child.exitCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}
