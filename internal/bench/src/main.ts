import { createSeed } from "./world/seed.js";
import { prepareCourse } from "./moves/move.js";
import { moveWithCarryover } from "./moves/move-with-carryover.js";
import { moveWithOfficial } from "./moves/move-with-official.js";

const t = performance.now();
const seed = await createSeed({
  messages: Number(process.argv[2] ?? 1000),
  conversations: 40,
});
console.log("seed", performance.now() - t);
for (const move of [moveWithCarryover, moveWithOfficial]) {
  const course = await prepareCourse(seed, 120_000);
  try {
    console.log(move.name, await move(course));
  } catch (error) {
    console.log(move.name, error);
  }
  await course.world.stop();
  await course.world.remove();
  console.log(performance.now() - t);
}
await seed.remove();
