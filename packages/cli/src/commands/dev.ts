import { type Command, Option } from "commander";
import { resolve } from "node:path";
import type { CommandContext } from "../context.js";
import { exitCodes } from "../exit-code.js";
import { defaultPorts, endpointsFile } from "../network/endpoints.js";
import {
  makePrivateDirectory,
  writePrivateFile,
} from "../profile/private-file.js";
import {
  commandOf,
  type CommonOptions,
  parsePort,
  type Run,
} from "./command-line.js";
import { untilAborted } from "../network/until-aborted.js";

interface DevOptions extends CommonOptions {
  directory?: string;
  grpcPort: number;
  grpcWebPort: number;
  storagePort: number;
}

/** `carryover dev`: a local XMTP network and a storage provider, until Ctrl-C. */
export function devCommand(run: Run): Command {
  return commandOf(
    "dev",
    "run a local XMTP network and a storage provider, for development",
  )
    .option(
      "--directory <path>",
      "where they keep everything (default HOME/dev)",
    )
    .addOption(
      portOption("--grpc-port <port>", "gRPC", "GRPC", defaultPorts.grpc),
    )
    .addOption(
      portOption(
        "--grpc-web-port <port>",
        "gRPC-web",
        "GRPC_WEB",
        defaultPorts.grpcWeb,
      ),
    )
    .addOption(
      portOption(
        "--storage-port <port>",
        "the storage provider",
        "STORAGE",
        defaultPorts.storage,
      ),
    )
    .action(async (_options, command: Command) => {
      const options = command.opts<DevOptions>();
      await run(options, (context) => dev(context, options));
    });
}

const portOption = (
  flags: string,
  what: string,
  variable: string,
  port: number,
) =>
  new Option(flags, `port of ${what}; 0 takes a free one`)
    .env(`CARRYOVER_DEV_${variable}_PORT`)
    .argParser(parsePort)
    .default(port);

async function dev(context: CommandContext, options: DevOptions) {
  const { home, output, signal } = context;
  // Only servers need what servers are made of.
  const { startDevServices } = await import("../network/dev-services.js");
  const services = await startDevServices({
    directory:
      options.directory === undefined
        ? home.devDirectory
        : resolve(options.directory),
    ports: {
      grpc: options.grpcPort,
      grpcWeb: options.grpcWebPort,
      storage: options.storagePort,
    },
  });
  const { networkUrl, networkWebUrl, storageUrl } = services;
  try {
    await makePrivateDirectory(home.devDirectory);
    await writePrivateFile(
      endpointsFile(home),
      `${JSON.stringify({ networkUrl, networkWebUrl, storageUrl, pid: process.pid })}\n`,
      "replace",
    );
    output.json({
      ok: true,
      command: "dev",
      event: "listening",
      networkUrl,
      networkWebUrl,
      storageUrl,
    });
    output.say(
      `${output.style.green("✓")} ready, for development alone`,
      `  XMTP network      ${networkUrl}  (gRPC-web ${networkWebUrl})`,
      `  storage provider  ${storageUrl}`,
      "",
      "Go on in another terminal. Ctrl-C stops both; what they hold is kept.",
    );
    await untilAborted(signal);
  } finally {
    // Where it served stays written down: the profiles of this home belong to this network, and to no other that may listen
    // at the usual port meanwhile.
    await services.close();
  }
  output.json({ ok: true, command: "dev", event: "stopped" });
  output.say("Stopped. Everything is kept for the next start.");
  return exitCodes.done;
}
