import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { AnswerMessage, CallMessage, Calls } from "./serve-calls.js";

/** A call that did not end in its time. The process was killed. */
export class HangError extends Error {}

/** A process of its own with one installation in it. */
export interface DeviceProcess<T extends Calls<T>> {
  /**
   * @throws HangError after the deadline
   */
  call<K extends keyof T & string>(
    name: K,
    ...args: Parameters<T[K]>
  ): Promise<Awaited<ReturnType<T[K]>>>;
  /** Ends the process, whatever it does. */
  stop(): Promise<void>;
}

/**
 * Starts a program that serves calls.
 *
 * @param program - its file name beside this one, without an ending
 * @param deadlineMs - after which a call counts as hanging
 */
export function startDevice<T extends Calls<T>>(
  program: string,
  deadlineMs: number,
): DeviceProcess<T> {
  const child = fork(
    fileURLToPath(new URL(`./${program}.js`, import.meta.url)),
    { serialization: "advanced", stdio: ["ignore", "inherit", "pipe", "ipc"] },
  );
  const errors = collectErrors(child);
  const waiting = new Map<number, (answer: AnswerMessage) => void>();
  const failAll = (error: string) => {
    for (const [id, resolve] of waiting)
      resolve({ id, outcome: "threw", error });
  };
  child.on("message", (answer: AnswerMessage) =>
    waiting.get(answer.id)?.(answer),
  );
  child.on("exit", (code, signal) =>
    failAll(`the process ended with ${signal ?? code}: ${errors()}`),
  );
  let nextId = 0;
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return {
    async call<K extends keyof T & string>(
      name: K,
      ...args: Parameters<T[K]>
    ): Promise<Awaited<ReturnType<T[K]>>> {
      const id = nextId;
      nextId += 1;
      const message: CallMessage = { id, name, args };
      let timer: NodeJS.Timeout | undefined;
      try {
        const answer = await new Promise<AnswerMessage>((resolve, reject) => {
          waiting.set(id, resolve);
          timer = setTimeout(() => {
            reject(new HangError(`${name} did not end in ${deadlineMs} ms`));
            child.kill("SIGKILL");
          }, deadlineMs);
          child.send(message);
        });
        if (answer.outcome === "threw")
          throw new Error(`${name}: ${answer.error}`);
        return answer.value as Awaited<ReturnType<T[K]>>;
      } finally {
        clearTimeout(timer);
        waiting.delete(id);
      }
    },
    stop,
  };
}

/** The last of what a process wrote to its standard error: shown only when it ends unexpectedly. */
function collectErrors(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    text = (text + chunk.toString()).slice(-4_000);
  });
  return () => text;
}
