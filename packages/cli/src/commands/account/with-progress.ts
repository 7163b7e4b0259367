import type { Progress } from "@carryover/client";
import type { CommandContext } from "../../context.js";
import { createProgressBar } from "../../terminal/progress-bar.js";

/** Options of a long call, and its progress bar around it. */
export async function withProgress<Result>(
  { output, signal }: Pick<CommandContext, "output" | "signal">,
  work: (options: {
    signal: AbortSignal;
    onProgress: (progress: Progress) => void;
  }) => Promise<Result>,
  indent = 0,
): Promise<Result> {
  const bar = createProgressBar({ ...output, indent });
  try {
    const result = await work({
      signal,
      onProgress: (progress) => {
        bar.update(progress);
      },
    });
    bar.finish("done");
    return result;
  } catch (error) {
    bar.finish("stopped");
    throw error;
  }
}
