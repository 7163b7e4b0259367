import {
  moveWithCarryover,
  type SharedMove,
} from "./moves/move-with-carryover.js";
import { moveWithOfficial } from "./moves/move-with-official.js";
import {
  type Course,
  type MakingLive,
  type Move,
  prepareCourse,
} from "./moves/move.js";
import { HangError } from "./devices/device-process.js";
import { createSeed } from "./world/seed.js";

/** Both contenders, one after the other, from the same bytes. */
export interface Pair {
  carryover: SharedMove;
  /** `hang`: it did not end in its time. */
  official: (Move & { makingLive: MakingLive }) | "hang";
}

/** All runs with one number of messages. */
export interface MeasuredMoves {
  messages: number;
  conversations: number;
  pairs: Pair[];
}

const conversations = 40;

/** How long a call may take, milliseconds: much longer than ever seen. */
const deadlineOf = (messages: number) => 60_000 + messages * 12;

/**
 * Moves a history again and again, by turns.
 *
 * @throws when Carryover hangs, or when anything arrives that was not sent
 */
export async function measureMoves(
  { messages, runs }: { messages: number; runs: number },
  tell: (line: string) => void,
): Promise<MeasuredMoves> {
  tell(`${messages} messages: writing a history`);
  const seed = await createSeed({ messages, conversations });
  const deadlineMs = deadlineOf(messages);
  const onCourse = async <T>(move: (course: Course) => Promise<T>) => {
    const course = await prepareCourse(seed, deadlineMs);
    try {
      return await move(course);
    } finally {
      await course.world.stop();
      await course.world.remove();
    }
  };
  try {
    const pairs: Pair[] = [];
    for (let run = 1; run <= runs; run += 1) {
      const carryover = await onCourse(moveWithCarryover);
      const official = await onCourse(moveWithOfficial).catch(
        (error: unknown) => {
          if (error instanceof HangError) return "hang" as const;
          throw error;
        },
      );
      pairs.push({ carryover, official });
      const theirs =
        official === "hang"
          ? "hangs"
          : `${seconds(official.timeMs)} + ${seconds(official.makingLive.timeMs)} to come live`;
      tell(
        `${messages} messages, run ${run}: Carryover ${seconds(carryover.timeMs)}, official ${theirs}`,
      );
    }
    return { messages, conversations, pairs };
  } finally {
    await seed.remove();
  }
}

const seconds = (milliseconds: number) =>
  `${(milliseconds / 1_000).toFixed(2)} s`;
