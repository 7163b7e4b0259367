import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { CliError } from "../cli-error.js";

/** Where the command keeps everything: profiles, wallets, and what `carryover dev` stores. */
export interface Home {
  readonly directory: string;
  profileDirectory(name: string): string;
  walletFile(name: string): string;
  readonly profilesDirectory: string;
  readonly walletsDirectory: string;
  readonly devDirectory: string;
  /** For what a Backup Account File is unpacked to for a while, and notes of that. */
  readonly workDirectory: string;
}

/** @param directory - from `--home`; else `CARRYOVER_HOME`, else `~/.carryover` */
export function locateHome(
  directory: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Home {
  const fromEnvironment = environment["CARRYOVER_HOME"] ?? "";
  const root = resolve(
    directory ??
      (fromEnvironment === ""
        ? join(homedir(), ".carryover")
        : fromEnvironment),
  );
  return {
    directory: root,
    profilesDirectory: join(root, "profiles"),
    walletsDirectory: join(root, "wallets"),
    devDirectory: join(root, "dev"),
    workDirectory: join(root, "work"),
    profileDirectory: (name) => join(root, "profiles", name),
    walletFile: (name) => join(root, "wallets", `${name}.json`),
  };
}

/**
 * Profile and wallet names become file names.
 *
 * @throws {CliError} `usage`
 */
export function parseName(what: "profile" | "wallet", name: string): string {
  if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name))
    throw new CliError(
      "usage",
      `not a name for a ${what}`,
      "Use 1 to 32 of a-z, 0-9 and -, such as old-phone. Nothing was changed.",
    );
  return name;
}
