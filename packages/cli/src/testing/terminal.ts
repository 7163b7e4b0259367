import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { waitFor } from "@carryover/testkit";
import type { TestHome } from "./command.js";

const program = fileURLToPath(
  new URL("../../bin/carryover.js", import.meta.url),
);

/** A command at a terminal of its own, and a person in front of it. */
export interface AtTerminal {
  /** Everything on the screen so far, line ends as `\n`. */
  screen(): string;
  /** Waits until the screen shows a text. */
  sees(what: string): Promise<void>;
  types(text: string): void;
  ended: Promise<number | null>;
}

/** Runs a command in a pseudo-terminal, which `script` of every Linux and macOS makes. */
export function atTerminal(
  home: TestHome,
  args: readonly string[],
): AtTerminal {
  const command = [process.execPath, program, ...args];
  const [file, ...fileArgs] =
    process.platform === "darwin"
      ? ["script", "-q", "/dev/null", ...command]
      : [
          "script",
          "-qec",
          command.map((arg) => `'${arg}'`).join(" "),
          "/dev/null",
        ];
  const child = spawn(file ?? "script", fileArgs, {
    env: {
      PATH: process.env["PATH"] ?? "",
      TERM: "xterm-256color",
      HOME: home.directory,
      TMPDIR: home.temporary,
      CARRYOVER_HOME: home.directory,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let screen = "";
  child.stdout.on("data", (chunk: Buffer) => {
    screen += chunk.toString();
  });
  const ended = once(child, "close").then(
    ([exitCode]) => exitCode as number | null,
  );
  const shown = () => screen.replaceAll("\r\n", "\n");
  return {
    screen: shown,
    sees: async (what) => {
      await waitFor(`the screen to show "${what}"`, () => {
        if (child.exitCode !== null && !shown().includes(what))
          throw new Error(`it ended without showing "${what}":\n${shown()}`);
        return shown().includes(what);
      });
    },
    types: (text) => {
      child.stdin.write(text);
    },
    ended,
  };
}
