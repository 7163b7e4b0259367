import type { Command } from "commander";
import { parseName } from "../../profile/home.js";

/** What opens a Backup Account File: never the secret itself. */
export interface SecretOptions {
  passphraseFile?: string;
  identityFile?: string;
  wallet?: string;
}

/** The options of commands that open a file. */
export function withSecretOptions(command: Command): Command {
  return command
    .option(
      "--passphrase-file <path>",
      "private file with the passphrase (or CARRYOVER_PASSPHRASE)",
    )
    .option("-i, --identity-file <path>", "age identity that opens it")
    .option(
      "--wallet <name>",
      "wallet that signs, where one is needed",
      (name) => parseName("wallet", name),
    );
}
