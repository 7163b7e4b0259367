#!/usr/bin/env node
import { readFileSync } from "node:fs";
import process from "node:process";
import { parseArgs } from "node:util";
import type { LogEvent } from "./request-record.js";
import { serveStorageProvider } from "./serve.js";
import { readSettings } from "./settings.js";
import { StorageProviderError } from "./storage-provider-error.js";

const usage = `carryover-storage: a Backup Storage Provider

  carryover-storage [--config FILE] [--check]

  --config FILE  settings as a JSON object
  --check        read the settings, say whether they are valid, and end
  --help         this text

Every setting can be given in the environment instead, such as CARRYOVER_STORAGE_DIRECTORY.
Exit codes: 0 stopped as asked · 1 failed · 2 wrong settings or arguments.
`;

function writeLine(event: LogEvent): void {
  const { level, event: name, fields } = event;
  const line = {
    time: new Date().toISOString(),
    level,
    event: name,
    ...fields,
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      config: { type: "string" },
      check: { type: "boolean" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const settings = readSettings(
    process.env,
    values.config === undefined ? undefined : readConfig(values.config),
    (path) => readFileSync(path, "utf8"),
  );
  if (values.check === true) {
    process.stdout.write("the settings are valid\n");
    return 0;
  }
  const provider = await serveStorageProvider(
    settings,
    settings.log === "off" ? () => undefined : writeLine,
  );
  process.stderr.write(`listening on ${provider.listeningUrl}\n`);
  await new Promise<void>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  await provider.close();
  return 0;
}

function readConfig(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new StorageProviderError(
      "settings-invalid",
      "the settings file cannot be read",
      { cause },
    );
  }
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (error instanceof StorageProviderError) {
      // What an answer advises to a client is of no help to who starts the service.
      const advice =
        error.code === "unavailable"
          ? "Check that what the message names is there and runs, and the settings that lead to it."
          : error.advice;
      process.stderr.write(`${error.code}: ${error.message}\n${advice}\n`);
      process.exitCode = error.code === "settings-invalid" ? 2 : 1;
    } else {
      const wrongArguments = error instanceof TypeError;
      process.stderr.write(
        wrongArguments
          ? `${error.message}\n\n${usage}`
          : `failed: ${String(error)}\n`,
      );
      process.exitCode = wrongArguments ? 2 : 1;
    }
  },
);
