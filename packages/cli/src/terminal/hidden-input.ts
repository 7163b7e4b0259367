import { StringDecoder } from "node:string_decoder";

/** The keyboard, while nothing that is typed is shown. */
export interface HiddenInput {
  /**
   * Reads a line. What was typed before the call is dropped.
   *
   * @returns `undefined` when the person wants no more: Ctrl-C, Ctrl-D, or the terminal went away
   */
  line(): Promise<string | undefined>;
  /** Shows again what is typed. */
  close(): void;
}

const key = {
  interrupt: "\u0003",
  endOfInput: "\u0004",
  backspace: "\b",
  lineFeed: "\n",
  carriageReturn: "\r",
  killLine: "\u0015",
  escape: "\u001b",
  delete: "\u007f",
} as const;

/**
 * Takes the keyboard of a terminal, and shows nothing of what is typed, from this call until it is closed. Between two lines
 * what is typed is dropped: a terminal that took it would show it.
 *
 * @param input - a terminal
 * @param onInterrupt - Ctrl-C, which the terminal does not turn into a signal meanwhile
 */
export function openHiddenInput(
  input: NodeJS.ReadStream,
  onInterrupt: () => void,
): HiddenInput {
  const decoder = new StringDecoder("utf8");
  const skip = createEscapeFilter();
  let asked:
    { text: string; answer: (line: string | undefined) => void } | undefined;
  let last = "";

  const finish = (line: string | undefined) => {
    const { answer } = asked ?? {};
    asked = undefined;
    answer?.(line);
  };
  const press = (char: string) => {
    const isSecondOfLineEnd =
      char === key.lineFeed && last === key.carriageReturn;
    last = char;
    if (char === key.interrupt) {
      finish(undefined);
      onInterrupt();
    } else if (asked === undefined || isSecondOfLineEnd) return;
    else if (char === key.carriageReturn || char === key.lineFeed)
      finish(asked.text);
    else if (char === key.endOfInput) {
      if (asked.text === "") finish(undefined);
    } else if (char === key.backspace || char === key.delete)
      asked.text = [...asked.text].slice(0, -1).join("");
    else if (char === key.killLine) asked.text = "";
    else if (char >= " " || char === "\t") asked.text += char;
  };
  const onData = (chunk: Buffer | string) => {
    const text = typeof chunk === "string" ? chunk : decoder.write(chunk);
    for (const char of text) if (!skip(char)) press(char);
  };
  const onEnd = () => finish(undefined);

  input.setRawMode(true);
  input.on("data", onData);
  input.on("end", onEnd);
  input.resume();
  return {
    line: () =>
      new Promise((answer) => {
        asked = { text: "", answer };
      }),
    close: () => {
      input.off("data", onData);
      input.off("end", onEnd);
      input.pause();
      input.setRawMode(false);
    },
  };
}

/** Arrow keys and the like come as several characters after an escape: they belong to no passphrase. */
function createEscapeFilter(): (char: string) => boolean {
  let state: "text" | "escape" | "sequence" = "text";
  return (char) => {
    // Ctrl-C and Enter are never part of one.
    if (char < " " && char !== key.escape) state = "text";
    switch (state) {
      case "text":
        if (char !== key.escape) return false;
        state = "escape";
        return true;
      case "escape":
        // Control Sequence Introducer and Single Shift Three go on, anything else is one key with Alt.
        state = char === "[" || char === "O" ? "sequence" : "text";
        return true;
      case "sequence":
        if (char >= "@" && char <= "~") state = "text";
        return true;
    }
  };
}
