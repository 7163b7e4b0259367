import type { AccountFileWorkOptions } from "@carryover/xmtp-node";
import { type Command, Option } from "commander";
import type { CommandContext } from "../../context.js";
import { requireNetwork } from "../../network/endpoints.js";
import { findPlaces, type Places } from "../../session.js";

/** Options of commands that work on a file without a profile. */
export interface NetworkOptions {
  networkUrl?: string;
  storageUrl?: string;
}

/** @param storage - whether a storage service is used too */
export function withNetworkOptions(
  command: Command,
  storage: "withStorage" | "networkAlone",
): Command {
  command.addOption(
    new Option(
      "--network-url <url>",
      "gRPC address of a local XMTP network",
    ).env("CARRYOVER_NETWORK_URL"),
  );
  return storage === "networkAlone"
    ? command
    : command.addOption(
        new Option("--storage-url <url>", "Backup Storage Provider to use").env(
          "CARRYOVER_PROVIDER_URL",
        ),
      );
}

/**
 * Where a file's network is, and a private place for what is unpacked for a while.
 *
 * @throws {CliError} `networkNotReachable`, `usage`
 */
export async function workOptions(
  context: CommandContext,
  environment: "local" | "dev" | "production",
  options: NetworkOptions,
): Promise<AccountFileWorkOptions & { places: Places }> {
  const places = await findPlaces(context, { environment }, options);
  if (places.networkUrl !== undefined) await requireNetwork(places.networkUrl);
  return {
    places,
    network: {
      env: environment,
      ...(places.networkUrl === undefined ? {} : { apiUrl: places.networkUrl }),
    },
    directory: context.home.workDirectory,
  };
}
