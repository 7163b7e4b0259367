import { closeSync, openSync, writeSync } from "node:fs";
import type { TextSink } from "./output.js";

/**
 * The encrypted database under the SDK writes a warning to standard error every time it is opened ("no codec attached to
 * db"), and no setting stops it. Here file descriptor 2 is pointed to nowhere, and what this program itself writes to
 * standard error goes to a descriptor of its own. Where that cannot be done, nothing changes.
 *
 * It has to run before anything else opens files. `CARRYOVER_DEBUG` leaves everything as it is.
 *
 * @returns where to write what is for standard error
 */
export function silenceNativeCode(
  environment: Readonly<Record<string, string | undefined>>,
): TextSink {
  if (
    (environment["CARRYOVER_DEBUG"] ?? "") !== "" ||
    process.platform === "win32"
  )
    return process.stderr;
  // A terminal's stream opens the device anew, and no longer needs descriptor 2 once it exists.
  if (process.stderr.isTTY) {
    redirectToNowhere();
    return process.stderr;
  }
  let own: number;
  try {
    // Fails for sockets, which is what another Node process gives its children.
    own = openSync("/dev/fd/2", "a");
  } catch {
    return process.stderr;
  }
  redirectToNowhere();
  return { isTTY: false, write: (text) => writeSync(own, text) };
}

function redirectToNowhere(): void {
  closeSync(2);
  // The lowest free descriptor is taken: 2.
  openSync("/dev/null", "a");
}
