import { Command } from "commander";
import { approveCommand, declineCommand } from "./commands/respond.js";
import { applyCommand } from "./commands/apply.js";
import { cancelCommand, statusCommand } from "./commands/status.js";
import { chatsCommand } from "./commands/chats.js";
import type { Run } from "./commands/command-line.js";
import { compareCommand } from "./commands/compare.js";
import { demoCommand } from "./commands/demo.js";
import { devCommand } from "./commands/dev.js";
import { exportCommand } from "./commands/export.js";
import { importCommand } from "./commands/import.js";
import { inboxCommand } from "./commands/inbox.js";
import { initCommand } from "./commands/init.js";
import { inspectCommand } from "./commands/inspect.js";
import { messagesCommand } from "./commands/messages.js";
import { profilesCommand } from "./commands/profiles.js";
import { requestCommand } from "./commands/request.js";
import { sampleCommand } from "./commands/sample.js";
import { sendCommand } from "./commands/send.js";
import { storageCommand } from "./commands/storage.js";
import { walletCommand } from "./commands/wallet.js";
import { version } from "./version.js";

/** The whole command line. */
export function createProgram(run: Run): Command {
  const program = new Command("carryover")
    .description(
      "Moves a person's message history between their own XMTP installations (XIP-31).",
    )
    .version(version)
    .showHelpAfterError("(add --help for what there is)")
    .configureHelp({ showGlobalOptions: true });

  const add = (heading: string, commands: readonly Command[]) => {
    program.commandsGroup(heading);
    for (const command of commands) program.addCommand(command);
  };
  add("See it:", [demoCommand(run)]);
  add("Move a history:", [
    requestCommand(run),
    inboxCommand(run),
    approveCommand(run),
    declineCommand(run),
    applyCommand(run),
    statusCommand(run),
    cancelCommand(run),
  ]);
  add("Files:", [exportCommand(run), inspectCommand(run), importCommand(run)]);
  add("Profiles:", [
    walletCommand(run),
    initCommand(run),
    profilesCommand(run),
  ]);
  add("Conversations:", [
    chatsCommand(run),
    messagesCommand(run),
    sendCommand(run),
    compareCommand(run),
    sampleCommand(run),
  ]);
  add("Servers:", [devCommand(run), storageCommand(run)]);
  program.addHelpText(
    "after",
    `
Exit status: 0 done, 1 failed, 2 usage, 3 nothing to do (yet), 4 refused by a
security rule, 5 cannot be reached or is in use: try again, 6 over without a
transfer, 130 or 143 stopped by a signal.`,
  );
  return program;
}
