import { printable } from "../text/format.js";

/**
 * Text that somebody else chose: an app's name, a wallet's, a file's. It stays on its line, says nothing that is not shown,
 * and is kept apart, so that one in Arabic or Hebrew does not turn around what stands beside it.
 */
export function OthersWords({ text }: { text: string }) {
  const shown = printable(text);
  return <bdi>{shown === "" ? "(no name)" : shown}</bdi>;
}
