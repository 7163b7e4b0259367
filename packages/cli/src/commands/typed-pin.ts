import { parseTypedPin } from "@carryover/protocol";
import { CarryoverError } from "@carryover/xmtp-node";
import { CliError } from "../cli-error.js";
import type { CommandContext } from "../context.js";
import { readSecretFile } from "../profile/secret-file.js";

/** Where a PIN comes from that nobody types at a terminal. */
export interface PinOptions {
  pinFile?: string;
}

/**
 * A PIN from a private file, else from `CARRYOVER_PIN`: never from an argument.
 *
 * @throws {CliError} `fileMissing`, `fileUnreadable`, `notPrivate`; `usage` for what is no PIN, before a try is used up
 */
export async function givenPin(
  { environment }: CommandContext,
  { pinFile }: PinOptions,
): Promise<string | undefined> {
  const pin =
    pinFile === undefined
      ? (environment["CARRYOVER_PIN"] ?? "")
      : (await readSecretFile(pinFile, "Nothing was sent.")).trim();
  if (pinFile === undefined && pin === "") return undefined;
  if (parseTypedPin(pin) === undefined)
    throw new CliError(
      "usage",
      "that is not a PIN",
      "Nothing was sent, and no try was used up. A PIN has four digits.",
    );
  return pin;
}

/** Asks for a PIN until it has the form of one: a slip of the finger is no guess. */
export async function typePin({
  output,
  prompt,
}: CommandContext): Promise<string> {
  for (;;) {
    const pin = (
      await prompt.line("Type the PIN that the other device shows: ")
    ).trim();
    if (parseTypedPin(pin) !== undefined) return pin;
    output.say("A PIN has four digits.");
  }
}

/** Whether an approval was refused for its PIN alone. */
export const isWrongPin = (error: unknown): boolean =>
  error instanceof CarryoverError &&
  (error.code === "pinWrong" || error.code === "pinRequired");
