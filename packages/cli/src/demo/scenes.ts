import type { CommandContext } from "../context.js";
import { type Chapter, countMessages } from "../sample/story.js";
import {
  type Cast,
  type WrittenStory,
  writeStory,
} from "../sample/write-story.js";
import { formatCount } from "../terminal/format.js";
import {
  createProgressBar,
  type ProgressBar,
} from "../terminal/progress-bar.js";

/** Who answers the questions. */
export type Answers = "person" | "alwaysYes";

/** Numbers the scenes and writes their titles. */
export function createScenes({
  output,
  signal,
}: Pick<CommandContext, "output" | "signal">) {
  let number = 0;
  return (title: string) => {
    signal.throwIfAborted();
    number += 1;
    output.say(
      "",
      `${output.style.cyan(`${number}.`)} ${output.style.bold(title)}`,
    );
  };
}

/** Plays chapters, and counts the messages on a terminal. */
export async function chat(
  { output, signal }: Pick<CommandContext, "output" | "signal">,
  cast: Cast,
  chapters: readonly Chapter[],
  before: Pick<Parameters<typeof writeStory>[2], "existing" | "absent"> = {},
): Promise<WrittenStory> {
  const inPlace = output.redraws === "inPlace";
  const total = countMessages(chapters);
  const written = await writeStory(cast, chapters, {
    ...before,
    signal,
    onMessage: (sent) => {
      if (inPlace && sent % 5 === 0)
        output.write(
          `\r   ${formatCount(sent)} of ${formatCount(total)} messages sent`,
        );
    },
  });
  if (inPlace) output.write("\r\u001b[2K");
  return written;
}

/** Asks a person, or answers for them. */
export async function consent(
  { output, prompt }: Pick<CommandContext, "output" | "prompt">,
  answers: Answers,
  question: string,
): Promise<"yes" | "no"> {
  const indented = `   ${question} `;
  if (answers === "person") return prompt.yesNo(indented);
  output.say(`${indented}y   ${output.style.dim("(answered for you)")}`);
  return "yes";
}

/** Runs a long call under its own title, with a progress bar. */
export async function withBar<Result>(
  { output }: Pick<CommandContext, "output">,
  title: string,
  work: (bar: ProgressBar) => Promise<Result>,
): Promise<Result> {
  output.say(`   ${output.style.dim(title)}`);
  const bar = createProgressBar({ ...output, indent: 3 });
  try {
    const result = await work(bar);
    bar.finish("done");
    return result;
  } catch (error) {
    bar.finish("stopped");
    throw error;
  }
}
