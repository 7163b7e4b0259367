/** Colours and weights; the identity where there is no colour. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

/** Whether a stream gets colour: a terminal that can, and nobody said no (https://no-color.org). */
export function wantsColor(
  stream: { isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean {
  if ((environment["NO_COLOR"] ?? "") !== "") return false;
  if ((environment["FORCE_COLOR"] ?? "0") !== "0") return true;
  return stream.isTTY === true && environment["TERM"] !== "dumb";
}

/** @param color - `plain` leaves every text as it is */
export function createStyle(color: "color" | "plain"): Style {
  const sgr = (open: number, close: number) => (text: string) =>
    color === "plain" ? text : `\u001b[${open}m${text}\u001b[${close}m`;
  return {
    bold: sgr(1, 22),
    dim: sgr(2, 22),
    red: sgr(31, 39),
    green: sgr(32, 39),
    yellow: sgr(33, 39),
    cyan: sgr(36, 39),
  };
}
