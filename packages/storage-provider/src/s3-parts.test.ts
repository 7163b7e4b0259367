import { expect, test } from "vitest";
import { maxObjectBytes, minPartBytes, partBytesFor } from "./s3-parts.js";

const GiB = 1024 ** 3;

test.each([
  [1, 5_242_880],
  [5 * 1_000 * 1024 ** 2, 5_242_880],
  [5 * GiB, 5_368_710],
  [62.5 * GiB, 64 * 1024 ** 2],
  [100 * GiB, 64 * 1024 ** 2],
  [1024 * GiB, 109_951_163],
  [maxObjectBytes, 549_755_814],
])("a ticket of %i bytes goes up in parts of %i", (maxBytes, partBytes) => {
  expect(partBytesFor(maxBytes)).toBe(partBytes);
});

test("no file up to 5 TiB needs more than 10,000 parts, nor one up to 62.5 GiB more than 1,000", () => {
  for (let bytes = 1; bytes <= maxObjectBytes; bytes = Math.ceil(bytes * 1.7)) {
    const part = partBytesFor(bytes);
    expect(part).toBeGreaterThanOrEqual(minPartBytes);
    expect(Math.ceil(bytes / part)).toBeLessThanOrEqual(
      bytes <= 62.5 * GiB ? 1_000 : 10_000,
    );
  }
});
