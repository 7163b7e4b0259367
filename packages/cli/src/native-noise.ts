import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  writeSync,
} from "node:fs";
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
  const place = placeOfErrors();
  if (place === "sharedWithOthers") return process.stderr;
  if (place === "sameAsOutput") {
    redirectToNowhere();
    return { isTTY: false, write: (text) => writeSync(1, text) };
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

/**
 * A file that is opened anew is written from a place of its own, and what others write to it through the descriptor that
 * they share with us (`(carryover …; echo …) > log 2>&1`) would lie over it. Only appending keeps apart.
 */
function placeOfErrors(): "anywhere" | "sameAsOutput" | "sharedWithOthers" {
  const [output, errors] = [fstatSync(1), fstatSync(2)];
  if (!errors.isFile()) return "anywhere";
  if (output.dev === errors.dev && output.ino === errors.ino)
    return "sameAsOutput";
  return appends(2) ? "anywhere" : "sharedWithOthers";
}

function appends(descriptor: number): boolean {
  try {
    const flags = /^flags:\s*([0-7]+)$/m.exec(
      readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8"),
    )?.[1];
    return (parseInt(flags ?? "0", 8) & constants.O_APPEND) !== 0;
  } catch {
    // Elsewhere than on Linux /dev/fd gives the same open file, place included.
    return process.platform !== "linux";
  }
}

function redirectToNowhere(): void {
  closeSync(2);
  // The lowest free descriptor is taken: 2.
  openSync("/dev/null", "a");
}
