import { CarryoverError } from "../errors.js";

/**
 * Checks a name that the engine gives to a temporary file or a note.
 *
 * @throws {CarryoverError} `invalidOption` for what is not of the form `[a-z0-9-]{1,80}`
 */
export function parseFileName(name: string): string {
  if (!isFileName(name))
    throw new CarryoverError("invalidOption", "not a name of a file");
  return name;
}

/** Whether the engine may have given this name. */
export const isFileName = (name: string): boolean =>
  /^[a-z0-9-]{1,80}$/.test(name);
