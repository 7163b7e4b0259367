import { Command, InvalidArgumentError, Option } from "commander";
import type { CommandContext } from "../context.js";
import type { ExitCode } from "../exit-code.js";
import { parseName } from "../profile/home.js";

/** Runs one command's work and keeps its exit status. */
export type Run = (
  options: CommonOptions,
  work: (context: CommandContext) => Promise<ExitCode>,
) => Promise<void>;

/** Options of every command. */
export interface CommonOptions {
  home?: string;
  json?: boolean;
}

/** A subcommand with the options that all have. */
export function commandOf(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .option(
      "--home <directory>",
      "where profiles are kept (CARRYOVER_HOME; default ~/.carryover)",
    )
    .option("--json", "one JSON document for programs instead of text")
    .allowExcessArguments(false);
}

/** The options of commands that open a profile. */
export function withProfileOptions(command: Command): Command {
  return command
    .addOption(
      new Option("-p, --profile <name>", "the installation to use")
        .env("CARRYOVER_PROFILE")
        .default("default")
        .argParser((name) => parseName("profile", name)),
    )
    .addOption(
      new Option(
        "--network-url <url>",
        "gRPC address of a local XMTP network",
      ).env("CARRYOVER_NETWORK_URL"),
    )
    .addOption(
      new Option("--storage-url <url>", "Backup Storage Provider to use").env(
        "CARRYOVER_PROVIDER_URL",
      ),
    );
}

/** Reads a TCP port; 0 takes a free one. */
export function parsePort(text: string): number {
  return parseWhole(text, 0, 65_535);
}

/** Reads a whole number in a range. */
export function parseWhole(
  text: string,
  minimum: number,
  maximum: number,
): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value < minimum || value > maximum)
    throw new InvalidArgumentError(
      `Expected a whole number from ${minimum} to ${maximum}.`,
    );
  return value;
}
