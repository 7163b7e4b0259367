import type { Home } from "./profile/home.js";
import type { Output } from "./output.js";
import type { Prompt } from "./terminal/prompt.js";

/** What every command gets. */
export interface CommandContext {
  readonly home: Home;
  readonly output: Output;
  readonly prompt: Prompt;
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
}
