import { Command } from "commander";
import type { Run } from "./commands/command-line.js";
import { commandLine } from "./terminal/hint.js";
import { version } from "./version.js";

type Load = () => Promise<(run: Run) => Command>;

/** Every command, under the headings of the help text. Each is loaded only when it is needed. */
const commands: Readonly<Record<string, Readonly<Record<string, Load>>>> = {
  "See it:": {
    demo: async () => (await import("./commands/demo.js")).demoCommand,
  },
  "Move a history:": {
    request: async () => (await import("./commands/request.js")).requestCommand,
    inbox: async () => (await import("./commands/inbox.js")).inboxCommand,
    approve: async () => (await import("./commands/respond.js")).approveCommand,
    decline: async () => (await import("./commands/respond.js")).declineCommand,
    apply: async () => (await import("./commands/apply.js")).applyCommand,
    status: async () => (await import("./commands/status.js")).statusCommand,
    cancel: async () => (await import("./commands/status.js")).cancelCommand,
  },
  "When every device is lost:": {
    account: async () =>
      (await import("./commands/account/account.js")).accountCommand,
  },
  "Files:": {
    export: async () => (await import("./commands/export.js")).exportCommand,
    inspect: async () => (await import("./commands/inspect.js")).inspectCommand,
    import: async () => (await import("./commands/import.js")).importCommand,
  },
  "Accounts and profiles:": {
    wallet: async () => (await import("./commands/wallet.js")).walletCommand,
    init: async () => (await import("./commands/init.js")).initCommand,
    profiles: async () =>
      (await import("./commands/profiles.js")).profilesCommand,
    installations: async () =>
      (await import("./commands/installations.js")).installationsCommand,
    revoke: async () =>
      (await import("./commands/installations.js")).revokeCommand,
  },
  "Conversations:": {
    chats: async () => (await import("./commands/chats.js")).chatsCommand,
    messages: async () =>
      (await import("./commands/messages.js")).messagesCommand,
    send: async () => (await import("./commands/send.js")).sendCommand,
    compare: async () => (await import("./commands/compare.js")).compareCommand,
    sample: async () => (await import("./commands/sample.js")).sampleCommand,
  },
  "Servers:": {
    dev: async () => (await import("./commands/dev.js")).devCommand,
    storage: async () => (await import("./commands/storage.js")).storageCommand,
  },
};

/**
 * The command line: the one command that is asked for, or all of them where none is, for the help text.
 *
 * @param wanted - the first word of the command line
 */
export async function createProgram(
  run: Run,
  wanted: string | undefined,
): Promise<Command> {
  const program = new Command(commandLine())
    .description(
      "Moves a person's message history between their own XMTP installations (XIP-31).",
    )
    .version(version)
    .showHelpAfterError("(add --help for what there is)")
    .configureHelp({ showGlobalOptions: true });
  const isKnown = Object.values(commands).some(
    (group) => wanted !== undefined && Object.hasOwn(group, wanted),
  );
  for (const [heading, group] of Object.entries(commands)) {
    program.commandsGroup(heading);
    for (const [name, load] of Object.entries(group))
      if (!isKnown || name === wanted) program.addCommand((await load())(run));
  }
  program.addHelpText(
    "after",
    `
Exit status: 0 done, 1 failed, 2 usage, 3 nothing to do (yet), 4 refused by a
security rule, 5 cannot be reached or is in use: try again, 6 over without a
transfer, 130 or 143 stopped by a signal.`,
  );
  return program;
}
