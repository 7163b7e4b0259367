import { expect, test } from "vitest";
import { createBlobSpace } from "./blob-space.js";

test("an upload that passes the limit together with what is stored is refused, and gives back all that it took", () => {
  const space = createBlobSpace(100);
  space.add(60);
  const first = space.reserve();
  first.grow(30);
  const second = space.reserve();
  second.grow(10);
  expect(space.usedBytes()).toBe(100);
  expect(() => second.grow(1)).toThrow(
    expect.objectContaining({ code: "full" }),
  );
  second.release();
  second.release();
  expect(space.usedBytes()).toBe(90);
  space.add(30);
  first.release();
  expect(space.usedBytes()).toBe(90);
  space.free(60);
  expect(space.usedBytes()).toBe(30);
  space.setStored(5);
  expect(space.usedBytes()).toBe(5);
});
