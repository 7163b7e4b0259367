import { counted, formatBytes, formatCount } from "@carryover/client/words";
import type { Progress, ProgressPhase } from "@carryover/client";

/** What was done and what is under way of a long call. */
export interface Course {
  readonly done: readonly ProgressPhase[];
  readonly current: Progress | undefined;
}

/** Nothing is known yet. */
export const noCourse: Course = { done: [], current: undefined };

/** Takes the next event of a long call. */
export function advance({ done, current }: Course, next: Progress): Course {
  // A phase that comes back, or an event that knows less than the last one, must not take figures away.
  if (current?.phase === next.phase)
    return { done, current: { ...current, ...next } };
  const before =
    current === undefined || done.includes(current.phase)
      ? done
      : [...done, current.phase];
  return {
    done: before.filter((phase) => phase !== next.phase),
    current: next,
  };
}

/** From 0 to 1; `undefined` while nobody knows. */
export function shareOf(progress: Progress): number | undefined {
  const shares = [
    [progress.bytes, progress.totalBytes],
    [progress.messages, progress.totalMessages],
    [progress.conversations, progress.totalConversations],
  ].flatMap(([part, whole]) =>
    part === undefined || whole === undefined || whole === 0
      ? []
      : [Math.min(1, part / whole)],
  );
  return shares.length === 0 ? undefined : Math.max(...shares);
}

/** `12 of 276 messages, 1.2 MB` */
export function figuresOf(progress: Progress): string {
  const { bytes, conversations, messages } = progress;
  return [
    ...(conversations !== undefined && messages === undefined
      ? [part(conversations, progress.totalConversations, "conversation")]
      : []),
    ...(messages === undefined
      ? []
      : [part(messages, progress.totalMessages, "message")]),
    ...(bytes === undefined ? [] : [formatBytes(bytes)]),
  ].join(", ");
}

function part(done: number, total: number | undefined, one: string): string {
  return total === undefined || total === done
    ? counted(done, one)
    : `${formatCount(done)} of ${counted(total, one)}`;
}
