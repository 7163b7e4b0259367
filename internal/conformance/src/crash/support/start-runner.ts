import { fork } from "node:child_process";
import { once } from "node:events";
import type {
  CallName,
  FromRunner,
  RunnerCalls,
  RunnerSetup,
  ToRunner,
} from "./runner-protocol.js";

/** An installation in a process of its own. */
export interface Runner {
  /**
   * @throws {RunnerDied} when the process died before the answer
   * @throws {RunnerFailed} when the call was refused
   */
  call<Name extends CallName>(
    name: Name,
    ...args: RunnerCalls[Name]["args"]
  ): Promise<RunnerCalls[Name]["result"]>;
  /** Names of the steps that it took. */
  readonly steps: readonly string[];
  kill(): Promise<void>;
}

/** SIGKILL, as planned or not. */
export class RunnerDied extends Error {
  override readonly name = "RunnerDied";
}

/** What the engine answered with. */
export class RunnerFailed extends Error {
  override readonly name = "RunnerFailed";
  readonly code: string;
  readonly retryable: boolean;

  constructor(failed: Extract<FromRunner, { kind: "failed" }>) {
    super(`${failed.code}: ${failed.message}`);
    this.code = failed.code;
    this.retryable = failed.retryable;
  }
}

/**
 * Starts the runner's process and opens the installation in it.
 *
 * @param temporaryDirectory - its `TMPDIR`
 * @throws {RunnerDied | RunnerFailed}
 */
export async function startRunner(
  program: string,
  setup: RunnerSetup,
  temporaryDirectory: string,
): Promise<Runner> {
  const child = fork(program, {
    serialization: "advanced",
    env: { PATH: process.env["PATH"], TMPDIR: temporaryDirectory },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  const steps: string[] = [];
  const waiting = new Map<number, Waiting>();
  const openingId = 0;
  let lastId = openingId;
  child.on("message", (message: FromRunner) => {
    if (message.kind === "step") {
      steps.push(message.name);
      return;
    }
    const id =
      "id" in message && message.id !== undefined ? message.id : openingId;
    const call = waiting.get(id);
    waiting.delete(id);
    if (message.kind === "failed") call?.reject(new RunnerFailed(message));
    else call?.resolve(message.kind === "result" ? message.result : undefined);
  });
  void exited.then(() => {
    for (const { reject } of waiting.values())
      reject(new RunnerDied("the process died"));
    waiting.clear();
  });
  const send = (id: number, message: ToRunner) =>
    new Promise<unknown>((resolve, reject) => {
      if (child.exitCode !== null || child.signalCode !== null) {
        reject(new RunnerDied("the process is dead"));
        return;
      }
      waiting.set(id, { resolve, reject });
      // A process that dies closes the pipe first: the exit tells.
      child.send(message, () => undefined);
    });
  const kill = async () => {
    child.kill("SIGKILL");
    await exited;
  };
  try {
    await send(openingId, { kind: "open", setup });
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    steps,
    kill,
    call: async <Name extends CallName>(
      name: Name,
      ...args: RunnerCalls[Name]["args"]
    ) => {
      const id = (lastId += 1);
      return (await send(id, {
        kind: "call",
        id,
        name,
        args,
      })) as RunnerCalls[Name]["result"];
    },
  };
}

interface Waiting {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}
