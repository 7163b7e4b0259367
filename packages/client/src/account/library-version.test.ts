import fc from "fast-check";
import { expect, test } from "vitest";
import { compareLibraryVersions } from "./library-version.js";

test("three numbers count, as numbers, and nothing behind them", () => {
  const number = fc.nat(20);
  const version = fc.tuple(number, number, number);
  fc.assert(
    fc.property(
      version,
      version,
      fc.constantFrom("", "-rc1", "-b649d1a"),
      (a, b, tail) => {
        const first = a.findIndex((each, index) => each !== b[index]);
        const expected =
          first === -1
            ? "same"
            : (a[first] ?? 0) < (b[first] ?? 0)
              ? "older"
              : "newer";
        expect(
          compareLibraryVersions(a.join(".") + tail, `v${b.join(".")}`),
        ).toBe(expected);
      },
    ),
  );
});

test("what is no version stands in no relation", () => {
  for (const text of ["", "latest", "1", "..", "1.x", "-1.2.3"])
    expect(compareLibraryVersions(text, "1.2.3")).toBe("unknown");
  expect(compareLibraryVersions("1.2", "1.2.0")).toBe("same");
});
