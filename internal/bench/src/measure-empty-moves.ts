import { type EmptyMove, moveNothing } from "./moves/move-with-carryover.js";
import { prepareCourse } from "./moves/move.js";
import { createSeed } from "./world/seed.js";

const deadlineMs = 60_000;

/** The engine's own cost: an installation without a conversation is asked, says yes, and its answer is applied. */
export async function measureEmptyMoves(
  runs: number,
  tell: (line: string) => void,
): Promise<EmptyMove[]> {
  if (runs === 0) return [];
  tell("nothing to move");
  const seed = await createSeed({ messages: 0, conversations: 0 });
  try {
    const moves: EmptyMove[] = [];
    for (let run = 0; run < runs; run += 1) {
      const course = await prepareCourse(seed, deadlineMs);
      try {
        moves.push(await moveNothing(course));
      } finally {
        await course.world.stop();
        await course.world.remove();
      }
    }
    return moves;
  } finally {
    await seed.remove();
  }
}
