import { createInterface } from "node:readline/promises";
import { CliError } from "../cli-error.js";
import { type HiddenInput, openHiddenInput } from "./hidden-input.js";

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
  /**
   * Keeps everything that is typed on a terminal invisible while some work runs that asks for secrets, also between its
   * questions: a person types the next try while the first one is still being checked. Only secrets are asked for in it.
   */
  hidden<T>(work: () => Promise<T>): Promise<T>;
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

  let hiddenInput: HiddenInput | undefined;
  const hidden = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!isInteractive || hiddenInput !== undefined) return await work();
    const opened = openHiddenInput(input, () => {
      // What a terminal does by itself where it is not in our hands.
      process.emit("SIGINT", "SIGINT");
    });
    hiddenInput = opened;
    try {
      return await work();
    } finally {
      hiddenInput = undefined;
      opened.close();
    }
  };

  const ask = async (question: string): Promise<string> => {
    signal.throwIfAborted();
    if (isInteractive)
      return askAtTerminal({ input, output, signal, question });
    return await askPipe(question);
  };
  const askHidden = (question: string): Promise<string> => {
    signal.throwIfAborted();
    return hidden(async () =>
      hiddenInput === undefined
        ? await askPipe(question)
        : await askUnseen(hiddenInput, { output, signal, question }),
    );
  };
  const askPipe = async (question: string): Promise<string> => {
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
    line: ask,
    secret: async (question) => await askHidden(question),
    hidden,
    async yesNo(question) {
      for (;;) {
        const answer = (await ask(question)).trim().toLowerCase();
        if (["y", "yes"].includes(answer)) return "yes";
        if (["", "n", "no"].includes(answer)) return "no";
      }
    },
  };
}

interface Question {
  output: NodeJS.WriteStream;
  signal: AbortSignal;
  question: string;
}

const interrupted = () =>
  new CliError(
    "interrupted",
    "stopped at a question",
    "Nothing was done without an answer. Run the command again when you are ready.",
  );

async function askUnseen(
  input: HiddenInput,
  { output, signal, question }: Question,
): Promise<string> {
  const settled = new AbortController();
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener("abort", () => resolve(undefined), {
      signal: settled.signal,
    });
  });
  try {
    const answered = input.line();
    output.write(question);
    const line = await Promise.race([answered, aborted]);
    if (line === undefined) throw interrupted();
    return line;
  } finally {
    settled.abort();
    output.write("\n");
  }
}

async function askAtTerminal({
  input,
  output,
  signal,
  question,
}: Question & { input: NodeJS.ReadStream }): Promise<string> {
  const settled = new AbortController();
  let answer: string | undefined;
  const readline = createInterface({ input, output, terminal: true });
  const stopped = new Promise<never>((_resolve, reject) => {
    const stop = () => {
      reject(interrupted());
    };
    readline.once("SIGINT", stop);
    readline.once("close", stop);
    signal.addEventListener("abort", stop, { signal: settled.signal });
  });
  try {
    answer = await Promise.race([readline.question(question), stopped]);
    return answer;
  } finally {
    stopped.catch(() => undefined);
    settled.abort();
    readline.close();
    if (answer === undefined) output.write("\n");
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
