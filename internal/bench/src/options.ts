import { parseArgs } from "node:util";

/** What is measured, and how it is told. */
export interface BenchOptions {
  /** How many messages, and how often. */
  moves: { messages: number; runs: number }[];
  /** Runs with nothing to move. */
  emptyRuns: number;
  /** Messages in the file that is written and read; 0 leaves this out. */
  fileMessages: number;
  /** Rounds of the storage service's own measurement; 0 leaves it out. */
  storageRounds: number;
  format: "text" | "markdown" | "json";
  /** Document that the tables are written into as well. */
  document?: string;
}

/** What `--help` says. */
export const help = `npm run bench -- [options]

  --quick              1,000 messages once, and little else: under half a minute
  --moves 1000:5,...   how many messages, and in how many pairs of runs (default 1000:5,20000:3)
  --empty-runs 5       runs with nothing to move
  --file-messages N    messages in the file that is written and read (default 200000; 0: leave out)
  --storage-rounds N   rounds of up and down against a plain server (default 3; 0: leave out)
  --markdown           tables for a document
  --write FILE         puts the tables between the marks in a document, as well
  --json               everything as one JSON document
  --help
`;

/**
 * @param args - of the command line
 * @returns `undefined` when help is asked for
 * @throws Error for what it does not understand
 */
export function parseOptions(args: string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      moves: { type: "string" },
      "empty-runs": { type: "string" },
      "file-messages": { type: "string" },
      "storage-rounds": { type: "string" },
      write: { type: "string" },
      markdown: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const usual = values.quick
    ? { moves: "1000:1", empty: "1", file: "20000", storage: "0" }
    : { moves: "1000:5,20000:3", empty: "5", file: "200000", storage: "3" };
  return {
    moves: (values.moves ?? usual.moves).split(",").map(parseMove),
    emptyRuns: parseCount("--empty-runs", values["empty-runs"] ?? usual.empty),
    fileMessages: parseCount(
      "--file-messages",
      values["file-messages"] ?? usual.file,
    ),
    storageRounds: parseCount(
      "--storage-rounds",
      values["storage-rounds"] ?? usual.storage,
    ),
    format: values.json ? "json" : values.markdown ? "markdown" : "text",
    ...(values.write !== undefined && { document: values.write }),
  };
}

function parseMove(text: string): { messages: number; runs: number } {
  const [messages = "", runs = "1", ...rest] = text.split(":");
  if (rest.length > 0) throw new Error(`--moves: ${text}: expected 1000:5`);
  return {
    messages: parseCount("--moves", messages),
    runs: parseCount("--moves", runs),
  };
}

function parseCount(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new Error(`${name}: ${text}: expected a whole number`);
  return Number(text);
}
