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
import type { ServedWebApp } from "../network/web-app/serve-web-app.js";

interface DevOptions extends CommonOptions {
  directory?: string;
  grpcPort: number;
  grpcWebPort: number;
  storagePort: number;
  webPort: number;
  webApp: boolean;
}

/** `carryover dev`: a local XMTP network, a storage provider and the web app, until Ctrl-C. */
export function devCommand(run: Run): Command {
  return commandOf(
    "dev",
    "run a local XMTP network, a storage provider and the web app, for development",
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
    .addOption(
      portOption("--web-port <port>", "the web app", "WEB", defaultPorts.web),
    )
    .option("--no-web-app", "without the web app")
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
  const webApp = options.webApp ? await buildAtNeed(context) : undefined;
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
  let web: ServedWebApp | undefined;
  try {
    web =
      webApp &&
      (await webApp.serve({
        port: options.webPort,
        networkWebUrl,
        storageUrl,
      }));
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
      ...(web && { webUrl: web.url }),
    });
    output.say(
      `${output.style.green("✓")} ready, for development alone`,
      `  XMTP network      ${networkUrl}  (gRPC-web ${networkWebUrl})`,
      `  storage provider  ${storageUrl}`,
      ...(web ? [`  web app           ${web.url}`] : []),
      "",
      "Go on in another terminal. Ctrl-C stops all; what they hold is kept.",
    );
    await untilAborted(signal);
  } finally {
    // Where it served stays written down: the profiles of this home belong to this network, and to no other that may listen
    // at the usual port meanwhile.
    await web?.close();
    await services.close();
  }
  output.json({ ok: true, command: "dev", event: "stopped" });
  output.say("Stopped. Everything is kept for the next start.");
  return exitCodes.done;
}

/** Finds the web app before anything is started: building it takes some seconds. */
async function buildAtNeed({ output }: CommandContext) {
  const { findWebApp } = await import("../network/web-app/find-web-app.js");
  const { serveWebApp } = await import("../network/web-app/serve-web-app.js");
  const directory = await findWebApp(() => {
    output.say("Building the web app, once …");
  });
  return {
    serve: (options: Omit<Parameters<typeof serveWebApp>[0], "directory">) =>
      serveWebApp({ directory, ...options }),
  };
}
