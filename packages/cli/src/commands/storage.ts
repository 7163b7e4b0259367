import {
  createStorageProvider,
  type LogEvent,
} from "@carryover/storage-provider";
import { type Command, Option } from "commander";
import { join, resolve } from "node:path";
import { CliError } from "../cli-error.js";
import type { CommandContext } from "../context.js";
import { exitCodes } from "../exit-code.js";
import { explainStorage, loadTicketSecret } from "../network/dev-services.js";
import { defaultPorts, parseUrl } from "../network/endpoints.js";
import {
  makePrivateDirectory,
  readPrivateFile,
} from "../profile/private-file.js";
import {
  commandOf,
  type CommonOptions,
  parsePort,
  parseWhole,
  type Run,
} from "./command-line.js";
import { untilAborted } from "./until-aborted.js";

interface ServeOptions extends CommonOptions {
  directory?: string;
  host: string;
  port: number;
  publicUrl?: string;
  maxMegabytes?: number;
  retentionHours: number;
  apiKeyFile?: string;
}

/** `carryover storage serve`: a Backup Storage Provider over a directory. */
export function storageCommand(run: Run): Command {
  const storage = commandOf("storage", "the Backup Storage Provider");
  storage.addCommand(
    commandOf("serve", "serve a directory as a Backup Storage Provider")
      .option(
        "--directory <path>",
        "where files are kept (default HOME/storage)",
      )
      .option("--host <address>", "address to listen on", "127.0.0.1")
      .addOption(
        new Option("--port <port>", "port to listen on; 0 takes a free one")
          .env("CARRYOVER_STORAGE_PORT")
          .argParser(parsePort)
          .default(defaultPorts.storage),
      )
      .option(
        "--public-url <url>",
        "how clients reach it, behind a proxy that does TLS",
      )
      .option("--max-megabytes <count>", "largest file", (text) =>
        parseWhole(text, 1, 1_000_000),
      )
      .option(
        "--retention-hours <count>",
        "how long files are kept",
        (text) => parseWhole(text, 1, 24 * 365),
        72,
      )
      .option(
        "--api-key-file <path>",
        "private file of API keys, one a line; without it everybody may upload, within limits",
      )
      .action(async (_options, command: Command) => {
        const options = command.opts<ServeOptions>();
        await run(options, (context) => serve(context, options));
      }),
  );
  return storage;
}

async function serve(context: CommandContext, options: ServeOptions) {
  const { home, output, signal } = context;
  const directory = resolve(
    options.directory ?? join(home.directory, "storage"),
  );
  await makePrivateDirectory(directory);
  const provider = await createStorageProvider({
    directory: join(directory, "files"),
    host: options.host,
    port: options.port,
    ...(options.publicUrl === undefined
      ? {}
      : { publicUrl: parseUrl("--public-url", options.publicUrl) }),
    ...(options.maxMegabytes === undefined
      ? {}
      : { maxBytes: options.maxMegabytes * 1_000_000 }),
    retentionHours: options.retentionHours,
    authorization:
      options.apiKeyFile === undefined
        ? { mode: "open" }
        : { mode: "apiKey", keys: await readApiKeys(options.apiKeyFile) },
    ticketSecret: await loadTicketSecret(join(directory, "ticket.secret")),
    logger: (event) => {
      writeLog(context, event);
    },
  }).catch((error: unknown) => {
    throw explainStorage(error, options.port);
  });
  output.json({
    ok: true,
    command: "storage serve",
    event: "listening",
    url: provider.url,
  });
  output.say(
    `${output.style.green("✓")} serving ${directory} at ${provider.url}`,
    `  ${options.apiKeyFile === undefined ? "Anybody may upload, within limits." : "Uploads need an API key."} Files are kept ${options.retentionHours} hours. Ctrl-C stops it.`,
  );
  try {
    await untilAborted(signal);
  } finally {
    await provider.close();
  }
  output.say("Stopped. Files are kept until they expire.");
  return exitCodes.done;
}

/** Log lines hold no id, no address and no ticket: the provider makes them so. */
function writeLog({ output }: CommandContext, event: LogEvent): void {
  if (event.event === "listening") return;
  output.json({
    command: "storage serve",
    ...event,
    fields: { ...event.fields },
  });
  const fields = Object.entries(event.fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
  output.say(output.style.dim(`${event.event} ${fields}`.trimEnd()));
}

async function readApiKeys(path: string): Promise<string[]> {
  const text = await readPrivateFile(path);
  if (text === undefined)
    throw new CliError(
      "fileMissing",
      `there is no file ${path}`,
      "Nothing was started. Check the path of the API key file.",
    );
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}
