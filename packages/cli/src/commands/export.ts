import type { Command } from "commander";
import { resolve } from "node:path";
import { CliError } from "../cli-error.js";
import type { CommandContext } from "../context.js";
import { exitCodes } from "../exit-code.js";
import {
  createIdentityFile,
  readIdentityFile,
} from "../profile/identity-file.js";
import { exists } from "../profile/private-file.js";
import { assertWritable, writeAside } from "../profile/write-aside.js";
import { type ProfileOptions, type Session, withSession } from "../session.js";
import { counted, formatBytes } from "../terminal/format.js";
import { createProgressBar } from "../terminal/progress-bar.js";
import {
  commandOf,
  type CommonOptions,
  type Run,
  withProfileOptions,
} from "./command-line.js";
import { asLocalFileError } from "./local-file-error.js";
import { assertPlaceForFile } from "./named-file.js";
import { leftOutLines } from "./request-view.js";

interface ExportOptions extends ProfileOptions, CommonOptions {
  identityFile?: string;
  recipient?: string;
}

/** `carryover export FILE`: writes this installation's history as a Message Backup File. */
export function exportCommand(run: Run): Command {
  return withProfileOptions(
    commandOf("export", "write the history as a Message Backup File"),
  )
    .argument("<file>", "where to; must not exist")
    .option(
      "-i, --identity-file <path>",
      "age identity that will open it; made when there is none",
    )
    .option("-r, --recipient <age1…>", "age recipient instead of an identity")
    .action(async (path: string, _options, command: Command) => {
      const options = command.opts<ExportOptions>();
      await run(options, (context) =>
        withSession(
          context,
          options,
          (session) => exportHistory(context, session, resolve(path), options),
          "ifThere",
        ),
      );
    });
}

async function exportHistory(
  context: CommandContext,
  session: Session,
  path: string,
  options: ExportOptions,
) {
  const { output } = context;
  await assertPlaceForFile(path, "history.age");
  if (await exists(path))
    throw new CliError(
      "fileExists",
      `there is a file at ${path}`,
      "It was left as it is. Choose another name.",
    );
  // Before a new key is made for a file that cannot be written.
  await assertWritable(path);
  const recipient = await chooseRecipient(context, options);
  const written = await writeBackup(context, session, path, recipient);
  output.json({
    ok: true,
    command: "export",
    file: path,
    sizeBytes: written.sizeBytes,
    conversationCount: written.conversationCount,
    messageCount: written.messageCount,
    leftOut: written.leftOut.map((each) => ({ ...each })),
    recipient,
  });
  output.say(
    `${output.style.green("✓")} ${counted(written.messageCount, "message")} in ${counted(written.conversationCount, "conversation")}: ${formatBytes(written.sizeBytes)} in ${path}`,
    ...leftOutLines(written.leftOut),
    "  Whoever has the identity reads it. Keep the two apart.",
  );
  return exitCodes.done;
}

async function chooseRecipient(
  { output }: CommandContext,
  { identityFile, recipient }: ExportOptions,
): Promise<string> {
  if ((identityFile === undefined) === (recipient === undefined))
    throw new CliError(
      "usage",
      "give either --identity-file or --recipient",
      "Nothing was written. With --identity-file a new identity is made where there is none yet.",
    );
  if (recipient !== undefined) return recipient;
  const path = resolve(identityFile ?? "");
  const known = await readIdentityFile(path);
  if (known !== undefined) return known.recipient;
  const made = await createIdentityFile(path);
  output.say(
    `${output.style.green("✓")} A new identity is in ${path}, readable by you alone.`,
  );
  return made.recipient;
}

async function writeBackup(
  { output, signal }: CommandContext,
  session: Session,
  path: string,
  recipient: string,
) {
  const carryover = await session.carryover();
  const bar = createProgressBar(output);
  try {
    const written = await writeAside(path, async (handle) => {
      const { file, result } = await carryover.writeMessageBackupFile({
        recipient,
        signal,
        onProgress: (progress) => {
          bar.update(progress);
        },
      });
      // The stream fails with the same error: it is reported once, where the bytes are read.
      result.catch(() => undefined);
      for await (const piece of file) await handle.writeFile(piece);
      return result;
    });
    bar.finish("done");
    return written;
  } catch (error) {
    bar.finish("stopped");
    throw asLocalFileError(error, "No file was written.");
  }
}
