import fc from "fast-check";
import { expect, it } from "vitest";
import { createByteQueue } from "./byte-queue.js";

it("gives back the bytes that went in, in any cuts", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.nat({ max: 60 })),
        { maxLength: 200 },
      ),
      (steps) => {
        const queue = createByteQueue();
        const expected = steps.flatMap(([chunk]) => [...chunk]);
        const got: number[] = [];
        let way = 0;
        for (const [chunk, count] of steps) {
          queue.push(chunk);
          const front = queue.front();
          expect([...front]).toEqual(
            expected.slice(got.length, got.length + front.length),
          );
          expect(front.length > 0).toBe(queue.length > 0);
          if (count > queue.length) continue;
          if (count > 0)
            expect(queue.at(count - 1)).toBe(expected[got.length + count - 1]);
          way += 1;
          if (way % 3 === 0) {
            queue.skip(count);
            got.push(...expected.slice(got.length, got.length + count));
          } else if (way % 3 === 1) got.push(...queue.take(count));
          else got.push(...queue.takeSome(count));
        }
        got.push(...queue.take(queue.length));
        expect(got).toEqual(expected);
        expect(queue.length).toBe(0);
      },
    ),
  );
});

it("refuses to give what is not there", () => {
  const queue = createByteQueue();
  queue.push(Uint8Array.of(1, 2));
  expect(() => queue.take(3)).toThrow(RangeError);
  expect(() => queue.skip(3)).toThrow(RangeError);
  expect(() => queue.at(2)).toThrow(RangeError);
  expect([...queue.take(2)]).toEqual([1, 2]);
});

it("forgets what was consumed", () => {
  const queue = createByteQueue();
  // Shifting an array for every chunk would take minutes here.
  const chunk = Uint8Array.of(7);
  for (let i = 0; i < 200_000; i += 1) queue.push(chunk);
  for (let i = 0; i < 200_000; i += 1) queue.skip(1);
  expect(queue.length).toBe(0);
});
