import { clearEverything, type UnfinishedNotes } from "../browser/clear.js";
import type { AppConfig } from "../config/parse-config.js";
import { createAnswerTask } from "../tasks/answer/answer-task.js";
import { createLookTask } from "../tasks/look/look-task.js";
import {
  createMakeTask,
  type UnfinishedFile,
} from "../tasks/make/make-task.js";
import { createRestoreTask } from "../tasks/restore/restore-task.js";

/** The four tasks. They go on while another page is looked at. */
export interface Tasks {
  readonly answer: ReturnType<typeof createAnswerTask>;
  readonly make: ReturnType<typeof createMakeTask>;
  readonly look: ReturnType<typeof createLookTask>;
  readonly restore: ReturnType<typeof createRestoreTask>;
}

/**
 * Begins all four anew.
 *
 * @param unfinished - what an earlier visit has left registered
 */
export function createTasks(
  config: AppConfig,
  unfinished: readonly UnfinishedFile[] = [],
): Tasks {
  /** What one task clears at its end, another one may still need. */
  const clearAfter =
    (name: keyof Tasks) =>
    async (unfinishedNotes: UnfinishedNotes = "kept") => {
      const others = names.filter((each) => each !== name);
      if (!others.some((each) => tasks[each].isBusy()))
        await clearEverything({ unfinishedNotes });
    };
  const tasks: Tasks = {
    answer: createAnswerTask(config, clearAfter("answer")),
    make: createMakeTask(config, clearAfter("make"), unfinished),
    look: createLookTask(config),
    restore: createRestoreTask(config, clearAfter("restore")),
  };
  return tasks;
}

const names = ["answer", "make", "look", "restore"] as const;

/** Whether leaving the page would interrupt something. */
export function areBusy(tasks: Tasks): boolean {
  return Object.values(tasks).some((task: Tasks[keyof Tasks]) => task.isBusy());
}

/** Stops what runs, and lets go of everything that the tasks hold in memory. */
export async function disposeTasks(tasks: Tasks): Promise<void> {
  await Promise.allSettled(
    Object.values(tasks).map((task: Tasks[keyof Tasks]) => task.dispose()),
  );
}
