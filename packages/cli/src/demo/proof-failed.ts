import { CliError } from "../cli-error.js";

/** Ends the story: what it tells is not true. @throws {CliError} `proofFailed` */
export function proofFailed(what: string): never {
  throw new CliError(
    "proofFailed",
    what,
    "The demo's own network and files are gone; nothing else was touched. Report it: this must not happen.",
  );
}
