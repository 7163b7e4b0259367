import { generateX25519Identity, identityToRecipient } from "age-encryption";
import { CliError } from "../cli-error.js";
import type { CommandContext } from "../context.js";
import { writePrivateFile } from "./private-file.js";
import { readSecretFile, readSecretFileIfThere } from "./secret-file.js";

/** An age identity and the recipient that files are encrypted to. */
export interface AgeKeyPair {
  readonly identity: string;
  readonly recipient: string;
}

/**
 * Makes an identity file as `age-keygen` does, so that the plain `age` tool reads it. X25519, which every age tool knows.
 *
 * @throws {CliError} `fileExists`
 */
export async function createIdentityFile(path: string): Promise<AgeKeyPair> {
  const identity = await generateX25519Identity();
  const recipient = await identityToRecipient(identity);
  await writePrivateFile(
    path,
    `# created: ${new Date().toISOString()}\n# public key: ${recipient}\n${identity}\n`,
    "keep",
  );
  return { identity, recipient };
}

/**
 * Reads an identity file: comments, and one secret key.
 *
 * @returns `undefined` when there is no such file
 * @throws {CliError} `fileUnreadable`, `notPrivate`; `usage` for a directory
 */
export async function readIdentityFile(
  path: string,
): Promise<AgeKeyPair | undefined> {
  const text = await readSecretFileIfThere(
    path,
    "Nothing was opened or written.",
  );
  return text === undefined ? undefined : keyPairFrom(text, path);
}

/**
 * The secret that opens a file: from `--identity-file`, else `CARRYOVER_IDENTITY`, else a prompt.
 *
 * @throws {CliError} `fileMissing`, `fileUnreadable`, `notPrivate`, `secretMissing`
 */
export async function askForIdentity(
  { environment, prompt }: CommandContext,
  path: string | undefined,
): Promise<string> {
  if (path !== undefined) {
    const text = await readSecretFile(path, "Nothing was opened.");
    return (await keyPairFrom(text, path)).identity;
  }
  const given = (environment["CARRYOVER_IDENTITY"] ?? "").trim();
  if (given !== "") return given;
  if (!prompt.isInteractive)
    throw new CliError(
      "secretMissing",
      "the file is encrypted, and no identity was given",
      "Nothing was opened. Name the file that holds it with --identity-file, or set CARRYOVER_IDENTITY.",
    );
  return (await prompt.secret("age identity (not shown): ")).trim();
}

async function keyPairFrom(text: string, path: string): Promise<AgeKeyPair> {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const [identity] = lines;
  try {
    if (identity !== undefined && lines.length === 1)
      return { identity, recipient: await identityToRecipient(identity) };
  } catch {
    // The cause could quote the key: it is not passed on.
  }
  throw new CliError(
    "fileUnreadable",
    `${path} is not an age identity file`,
    "Nothing was opened or written. It should hold one line that begins with AGE-SECRET-KEY-, as age-keygen writes it.",
  );
}
