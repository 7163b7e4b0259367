import type { CommandContext } from "../../context.js";
import { readSecretFile } from "../../profile/secret-file.js";

/** Variables that a passphrase may come in. */
export type PassphraseVariable =
  "CARRYOVER_PASSPHRASE" | "CARRYOVER_NEW_PASSPHRASE";

/** The format's own rule, told before anything is asked twice. */
const minCharacters = 8;

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

/** A passphrase for a new file: typed twice at a terminal, for nobody can look it up later. */
export async function newPassphrase(
  context: CommandContext,
  path: string | undefined,
  variable: PassphraseVariable = "CARRYOVER_PASSPHRASE",
): Promise<string> {
  const given = await givenPassphrase(context, path, variable);
  if (given !== undefined) return given;
  const { output, prompt } = context;
  if (!prompt.isInteractive)
    return prompt.secret("Passphrase for the file (not shown): ");
  output.say(
    `Choose a passphrase of at least ${minCharacters} characters: a few random words are good.`,
    "Nobody can look it up for you.",
  );
  return await prompt.hidden(() => typedTwice(context));
}

async function typedTwice({ output, prompt }: CommandContext): Promise<string> {
  for (;;) {
    const first = await prompt.secret("Passphrase (not shown): ");
    if ([...first.normalize("NFC")].length < minCharacters) {
      output.say(
        `${output.style.red("✗")} That has fewer than ${minCharacters} characters.`,
      );
      continue;
    }
    if ((await prompt.secret("The same again: ")) === first) return first;
    output.say(
      `${output.style.red("✗")} Those two were not the same. Once more:`,
    );
  }
}
