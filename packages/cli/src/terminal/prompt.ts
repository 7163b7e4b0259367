import { createInterface } from "node:readline/promises";
import { CliError } from "../cli-error.js";

/** Asks the person at the terminal. */
export interface Prompt {
  /** Whether there is a person to ask. */
  readonly isInteractive: boolean;
  /**
   * @returns what was typed, without the line's end
   * @throws {CliError} `notInteractive`, `interrupted`
   */
  line(question: string): Promise<string>;
  /** Like `line`, but what is typed stays invisible. */
  secret(question: string): Promise<string>;
  /** Asks until the answer is y or n; an empty answer is no. */
  yesNo(question: string): Promise<"yes" | "no">;
}

/** @param output - where questions are written: never where a program reads results */
export function createPrompt(
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
  signal: AbortSignal,
): Prompt {
  const isInteractive = input.isTTY && output.isTTY;

  const ask = async (
    question: string,
    visibility: "visible" | "hidden",
  ): Promise<string> => {
    if (!isInteractive)
      throw new CliError(
        "notInteractive",
        "there is no terminal to ask at",
        "Nothing was changed. Run it in a terminal, or give the answer with an option, a file or the environment (see --help).",
      );
    signal.throwIfAborted();
    const lines = question.split("\n");
    const lastLine = lines.pop() ?? "";
    for (const line of lines) output.write(`${line}\n`);
    if (visibility === "hidden") output.write(lastLine);
    const settled = new AbortController();
    const readline = createInterface({
      input,
      // With `terminal` the terminal itself echoes nothing, and without an output neither does readline.
      ...(visibility === "visible" ? { output } : {}),
      terminal: true,
    });
    const ended = new Promise<never>((_resolve, reject) => {
      const stop = () => {
        reject(
          new CliError(
            "interrupted",
            "stopped at a question",
            "Nothing was changed by this question. Run the command again when you are ready.",
          ),
        );
      };
      readline.once("SIGINT", stop);
      readline.once("close", stop);
      signal.addEventListener("abort", stop, { signal: settled.signal });
    });
    ended.catch(() => undefined);
    try {
      return await Promise.race([
        readline.question(visibility === "visible" ? lastLine : ""),
        ended,
      ]);
    } finally {
      settled.abort();
      readline.close();
      if (visibility === "hidden") output.write("\n");
    }
  };

  return {
    isInteractive,
    line: (question) => ask(question, "visible"),
    secret: (question) => ask(question, "hidden"),
    async yesNo(question) {
      for (;;) {
        const answer = (await ask(question, "visible")).trim().toLowerCase();
        if (["y", "yes"].includes(answer)) return "yes";
        if (["", "n", "no"].includes(answer)) return "no";
      }
    },
  };
}
