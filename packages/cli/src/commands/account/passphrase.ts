import {
  minPassphraseChars,
  passphraseWeakness,
  passphraseWeaknessWords,
} from "@carryover/xmtp-node";
import type { CommandContext } from "../../context.js";
import { readSecretFile } from "../../profile/secret-file.js";

/** Variables that a passphrase may come in. */
export type PassphraseVariable =
  "CARRYOVER_PASSPHRASE" | "CARRYOVER_NEW_PASSPHRASE";

/**
 * A passphrase that was not typed: from a private file, else from the environment.
 *
 * @throws {CliError} `fileMissing`, `fileUnreadable`, `notPrivate`
 */
export async function givenPassphrase(
  { environment }: CommandContext,
  path: string | undefined,
  variable: PassphraseVariable = "CARRYOVER_PASSPHRASE",
): Promise<string | undefined> {
  if (path === undefined) {
    const given = environment[variable] ?? "";
    return given === "" ? undefined : given;
  }
  const text = await readSecretFile(path, "Nothing was changed.");
  // An editor ends the line; anything else belongs to the passphrase.
  return text.replace(/\r?\n$/, "");
}

/**
 * A passphrase for a new file: typed twice at a terminal, for nobody can look it up later. There a weak one is asked for
 * again; one that was not typed is refused by whatever makes the file, by the same rule.
 *
 * @param how.path - a private file that holds it
 * @param how.publicIds - what everybody knows of the account: no passphrase
 */
export async function newPassphrase(
  context: CommandContext,
  {
    path,
    variable = "CARRYOVER_PASSPHRASE",
    publicIds,
  }: {
    path: string | undefined;
    variable?: PassphraseVariable;
    publicIds: readonly string[];
  },
): Promise<string> {
  const given = await givenPassphrase(context, path, variable);
  if (given !== undefined) return given;
  const { output, prompt } = context;
  if (!prompt.isInteractive)
    return prompt.secret("Passphrase for the file (not shown): ");
  output.say(
    `Choose a passphrase of at least ${minPassphraseChars} characters. ${advice}`,
    "Whoever gets the file can guess for ever; nobody can look it up for you.",
  );
  return await prompt.hidden(() => typedTwice(context, publicIds));
}

const advice = "Several random words are good.";

async function typedTwice(
  { output, prompt }: CommandContext,
  publicIds: readonly string[],
): Promise<string> {
  for (;;) {
    const first = await prompt.secret("Passphrase (not shown): ");
    const weakness = passphraseWeakness(first, publicIds);
    if (weakness !== undefined) {
      output.say(
        `${output.style.red("✗")} ${passphraseWeaknessWords[weakness]}`,
        `  ${advice}`,
      );
      continue;
    }
    if ((await prompt.secret("The same again: ")) === first) return first;
    output.say(
      `${output.style.red("✗")} Those two were not the same. Once more:`,
    );
  }
}
