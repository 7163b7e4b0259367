import { createInterface } from "node:readline/promises";
import { CliError } from "../cli-error.js";

/** Asks the person at the terminal, or reads answers that are piped in, one a line. */
export interface Prompt {
  /** Whether a person sits at a terminal. */
  readonly isInteractive: boolean;
  /**
   * @returns what was typed, without the line's end
   * @throws {CliError} `notInteractive` when there is no more input, `interrupted`
   */
  line(question: string): Promise<string>;
  /** Like `line`, but on a terminal what is typed stays invisible. */
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
  const isInteractive = Boolean(input.isTTY && output.isTTY);
  const pipedLine = readLines(input, signal);

  const ask = async (
    question: string,
    visibility: "visible" | "hidden",
  ): Promise<string> => {
    signal.throwIfAborted();
    if (isInteractive)
      return askAtTerminal({ input, output, signal, question, visibility });
    output.write(question);
    const line = await pipedLine();
    output.write("\n");
    if (line !== undefined) return line;
    throw new CliError(
      "notInteractive",
      "there is a question, and nobody to answer it",
      "Nothing was done without an answer. Run it in a terminal, pipe the answer in, or give it with an option (see --help).",
    );
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

interface Question {
  input: NodeJS.ReadStream;
  output: NodeJS.WriteStream;
  signal: AbortSignal;
  question: string;
  visibility: "visible" | "hidden";
}

async function askAtTerminal(options: Question): Promise<string> {
  const { input, output, signal, question, visibility } = options;
  const settled = new AbortController();
  let answer: string | undefined;
  const readline = createInterface({
    input,
    // With `terminal` the terminal itself echoes nothing, and without an output neither does readline.
    ...(visibility === "visible" ? { output } : {}),
    terminal: true,
  });
  // Only now: before, the terminal would have shown what an eager person types.
  if (visibility === "hidden") output.write(question);
  const stopped = new Promise<never>((_resolve, reject) => {
    const stop = () => {
      reject(
        new CliError(
          "interrupted",
          "stopped at a question",
          "Nothing was done without an answer. Run the command again when you are ready.",
        ),
      );
    };
    readline.once("SIGINT", stop);
    readline.once("close", stop);
    signal.addEventListener("abort", stop, { signal: settled.signal });
  });
  try {
    answer = await Promise.race([
      readline.question(visibility === "visible" ? question : ""),
      stopped,
    ]);
    return answer;
  } finally {
    stopped.catch(() => undefined);
    settled.abort();
    readline.close();
    if (visibility === "hidden" || answer === undefined) output.write("\n");
  }
}

/** One reader for all questions: what is piped in comes in one piece, whatever it answers. */
function readLines(
  input: NodeJS.ReadStream,
  signal: AbortSignal,
): () => Promise<string | undefined> {
  let lines: AsyncIterator<string> | undefined;
  return async () => {
    lines ??= createInterface({ input, terminal: false, signal })[
      Symbol.asyncIterator
    ]();
    const next = await lines.next();
    return next.done === true ? undefined : next.value;
  };
}
