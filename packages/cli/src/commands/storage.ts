import { Command, Option } from "commander";
import type { ServeOptions } from "../network/serve-storage.js";
import { commandOf, type CommonOptions, type Run } from "./command-line.js";

/** `carryover storage serve`: a Backup Storage Provider. */
export function storageCommand(run: Run): Command {
  const storage = new Command("storage").description(
    "the Backup Storage Provider",
  );
  storage.addCommand(
    commandOf(
      "serve",
      "run a Backup Storage Provider, which cannot read what it stores",
    )
      .option("--config <path>", "settings as a JSON object")
      .option(
        "--directory <path>",
        "where files are kept (default HOME/storage)",
      )
      .option("--host <address>", "address to listen on (default 127.0.0.1)")
      .option("--port <port>", "port to listen on; 0 takes a free one")
      .option(
        "--public-url <url>",
        "how clients reach it, behind a proxy that does TLS",
      )
      .addOption(
        new Option(
          "--authorization <mode>",
          "who may store files (default open, within limits)",
        ).choices(["open", "apiKey", "installation"]),
      )
      .addHelpText(
        "after",
        `
Every setting can be given in the environment too, such as
CARRYOVER_STORAGE_RETENTION_HOURS; secrets such as CARRYOVER_STORAGE_API_KEYS_FILE
as the path of a file.`,
      )
      .action(async (_options, command: Command) => {
        const options = command.opts<ServeOptions & CommonOptions>();
        await run(options, async (context) => {
          // Only servers need what servers are made of.
          const { serveStorage } = await import("../network/serve-storage.js");
          return serveStorage(context, options);
        });
      }),
  );
  return storage;
}
