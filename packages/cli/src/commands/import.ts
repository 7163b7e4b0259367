import type { Command } from "commander";
import { exitCodes } from "../exit-code.js";
import { type ProfileOptions, withSession } from "../session.js";
import { createProgressBar } from "../terminal/progress-bar.js";
import {
  backupSource,
  openLocalFile,
  type SecretOptions,
} from "./backup-source.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "./command-line.js";
import { asLocalFileError } from "./local-file-error.js";
import { orItIsAccountFile } from "./other-kind-of-file.js";
import { importJson } from "./request-json.js";
import { importLines } from "./request-view.js";

/** `carryover import FILE`: imports a Message Backup File or an XMTP archive. */
export function importCommand(run: Run): Command {
  return withProfileOptions(
    commandOf("import", "import a Message Backup File or an XMTP archive"),
  )
    .argument("<file>", "the file")
    .option("-i, --identity-file <path>", "age identity that opens it")
    .option("--archive-key-file <path>", "key of an XMTP archive, in hex")
    .action(async (path: string, _options, command: Command) => {
      const options = command.opts<
        SecretOptions & ProfileOptions & CommonOptions
      >();
      await run(options, async (context) => {
        const { output, signal } = context;
        const source = await backupSource(
          context,
          await openLocalFile(path),
          options,
        );
        return withSession(context, options, async (session) => {
          const carryover = await session.carryover();
          const bar = createProgressBar(output);
          let kept = "Nothing was imported.";
          try {
            const report = await carryover.loadMessageBackupFile(source, {
              signal,
              onProgress: (progress) => {
                if (progress.phase === "importing")
                  kept = "What was imported is kept.";
                bar.update(progress);
              },
            });
            bar.finish("done");
            output.json({
              ok: true,
              command: "import",
              ...importJson(report),
            });
            output.say(...importLines(report, output, new Set()));
            return exitCodes.done;
          } catch (error) {
            bar.finish("stopped");
            const { secret } = source;
            const told =
              secret.kind === "ageIdentity"
                ? await orItIsAccountFile(
                    error,
                    { path, identities: [secret.identity], signal },
                    kept,
                  )
                : error;
            throw asLocalFileError(told, kept);
          }
        });
      });
    });
}
