import {
  defaultPort,
  environmentName,
  type LogEvent,
  readSettings,
  serveStorageProvider,
  type SettingName,
  type StorageProvider,
  StorageProviderError,
  type StorageProviderSettings,
} from "@carryover/storage-provider";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CliError } from "../cli-error.js";
import type { CommandContext } from "../context.js";
import { type ExitCode, exitCodes } from "../exit-code.js";
import type { Output } from "../output.js";
import { explainStorage } from "./dev-services.js";
import { untilAborted } from "./until-aborted.js";

/** What the command line says of a storage service. */
export interface ServeOptions {
  config?: string;
  directory?: string;
  host?: string;
  port?: string;
  publicUrl?: string;
  authorization?: string;
}

/** Runs a Backup Storage Provider until the signal aborts. */
export async function serveStorage(
  context: CommandContext,
  options: ServeOptions,
): Promise<ExitCode> {
  const { output, signal } = context;
  const settings = settingsOf(context, options);
  const provider = await serveStorageProvider(settings, (event) => {
    writeLog(context, event);
  }).catch((error: unknown) => {
    throw explainStart(error, settings.port ?? defaultPort);
  });
  output.json({
    ok: true,
    command: "storage serve",
    event: "listening",
    url: provider.url,
    listeningUrl: provider.listeningUrl,
  });
  output.say(
    ...placeLines(provider, output),
    `  Files are kept ${settings.retentionHours ?? 72} hours. Ctrl-C stops it.`,
  );
  try {
    await untilAborted(signal);
  } finally {
    await provider.close();
  }
  output.say("Stopped. Files are kept until they expire.");
  return exitCodes.done;
}

/** Who puts a proxy before it needs to know where it really listens. */
function placeLines(
  { url, listeningUrl }: StorageProvider,
  { style }: Output,
): string[] {
  return url === listeningUrl
    ? [`${style.green("✓")} a Backup Storage Provider at ${url}`]
    : [
        `${style.green("✓")} a Backup Storage Provider`,
        `  listens at         ${listeningUrl}`,
        `  clients reach it   ${url}`,
      ];
}

/** Options go before the environment, which goes before the file. Without a file there are defaults for one person. */
function settingsOf(
  { environment, home }: CommandContext,
  options: ServeOptions,
): StorageProviderSettings {
  const given: Record<string, string | undefined> = { ...environment };
  const set = (name: SettingName, value: string | undefined) => {
    if (value !== undefined) given[environmentName(name)] = value;
  };
  const setDefault = (name: SettingName, value: string) => {
    if (options.config === undefined) given[environmentName(name)] ??= value;
  };
  set(
    "directory",
    options.directory === undefined ? undefined : resolve(options.directory),
  );
  set("host", options.host);
  set("port", options.port);
  set("publicUrl", options.publicUrl);
  set("authorization", options.authorization);
  if (given[environmentName("s3Bucket")] === undefined)
    setDefault("directory", join(home.directory, "storage"));
  setDefault("authorization", "open");
  try {
    return readSettings(
      given,
      options.config === undefined
        ? undefined
        : readFileSync(options.config, "utf8"),
      (path) => readFileSync(path, "utf8"),
    );
  } catch (error) {
    if (error instanceof Error && "syscall" in error)
      throw new CliError(
        "fileMissing",
        "the settings file cannot be read",
        "Nothing was started. Check the path that --config names.",
        { cause: error },
      );
    throw explainStorage(error, undefined);
  }
}

/** A port in use is one reason of several: Redis, an object store and the XMTP network can be away too. */
function explainStart(error: unknown, port: number): unknown {
  if (!(error instanceof StorageProviderError) || error.code !== "unavailable")
    return explainStorage(error, port);
  const { cause } = error;
  if (cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE")
    return explainStorage(error, port);
  return new CliError(
    "storageNotReachable",
    error.message,
    "Nothing was started. Look at what the message names, and start again.",
    { cause: error },
  );
}

/** Log lines hold no id, no address and no ticket: the provider makes them so. */
function writeLog({ output }: CommandContext, event: LogEvent): void {
  if (event.event === "listening") return;
  output.json({
    command: "storage serve",
    level: event.level,
    event: event.event,
    fields: { ...event.fields },
  });
  const fields = Object.entries(event.fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
  output.say(output.style.dim(`${event.event} ${fields}`.trimEnd()));
}
