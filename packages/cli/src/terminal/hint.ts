import { existsSync } from "node:fs";
import {
  basename,
  delimiter,
  dirname,
  isAbsolute,
  join,
  relative,
  resolve,
} from "node:path";

/** What a program knows of how it was started. */
export interface HowStarted {
  /** `process.argv`. */
  readonly argv: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The directory that it was started in. */
  readonly directory: string;
  readonly exists: (path: string) => boolean;
}

const program = "carryover";

/**
 * A command line for a person to type next, such as `npx carryover inbox --profile old-phone`: it begins the way this
 * command was started, and names the same home.
 *
 * @param line - what comes behind the name of the command
 */
export function hint(line: string): string {
  return toType(`${commandLine()} ${line}${homeOption(process.argv)}`);
}

/**
 * Any other command line for a person to type next.
 *
 * @returns the same; whatever is said with it leaves it whole
 */
export function toType(line: string): string {
  given.add(line);
  return line;
}

const given = new Set<string>();

/** Every hint that was given until now: who breaks text into lines leaves these whole, or they could not be copied. */
export const givenHints = (): ReadonlySet<string> => given;

/** How this command is called here: `npx carryover` in a checkout, `carryover` where it is installed. */
export function commandLine(): string {
  return (known ??= commandLineOf({
    argv: process.argv,
    environment: process.env,
    directory: process.cwd(),
    exists: existsSync,
  }));
}

let known: string | undefined;

/** What has to be typed, where the program was started like that, to start it again. */
export function commandLineOf({
  argv,
  environment,
  directory,
  exists,
}: HowStarted): string {
  const [, file = ""] = argv;
  const inPath = (environment["PATH"] ?? "")
    .split(delimiter)
    .includes(dirname(file));
  const runner = runnerOf(environment);
  // A package manager puts its own directory into the path for as long as the command runs.
  if (isPackageBin(file))
    return inPath && runner === undefined
      ? program
      : `${runner ?? "npx"} ${program}`;
  if (inPath && basename(file, ".js") === program) return program;
  // npm runs a script where its package is, wherever the person is.
  const here = environment["INIT_CWD"] ?? directory;
  if (parentsOf(here).some((each) => exists(join(each, packageBin, program))))
    return `npx ${program}`;
  const fromHere = relative(here, file);
  return `node ${quoted(fromHere.startsWith("..") || isAbsolute(fromHere) ? file : fromHere)}`;
}

const packageBin = join("node_modules", ".bin");

const isPackageBin = (file: string) =>
  dirname(resolve(file)).endsWith(packageBin);

/** Which package manager started it, if one did. */
function runnerOf(environment: HowStarted["environment"]): string | undefined {
  const agent = environment["npm_config_user_agent"];
  if (agent === undefined) return undefined;
  const [name = ""] = agent.split("/");
  const runners: Readonly<Record<string, string>> = {
    pnpm: "pnpm exec",
    yarn: "yarn",
    bun: "bunx",
  };
  return runners[name] ?? "npx";
}

function parentsOf(directory: string): string[] {
  const parent = dirname(directory);
  return [directory, ...(parent === directory ? [] : parentsOf(parent))];
}

/** Whoever named a home on the command line has to name it again: without it there is another one. */
export function homeOption(argv: readonly string[]): string {
  for (const [index, word] of argv.entries()) {
    const home =
      word === "--home"
        ? argv[index + 1]
        : word.startsWith("--home=")
          ? word.slice("--home=".length)
          : undefined;
    if (home !== undefined) return ` --home ${quoted(home)}`;
  }
  return "";
}

/** A word as a shell takes it: a path may have spaces. */
export const quoted = (text: string) =>
  /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
