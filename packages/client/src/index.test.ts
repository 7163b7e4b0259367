import { expect, test } from "vitest";
import * as client from "./index.js";

test("these names are public, and no others", () => {
  expect(Object.keys(client).sort()).toEqual([
    "CarryoverError",
    "adviceFor",
    "asCarryoverError",
    "clockToleranceMs",
    "createEngine",
    "defaultPolicy",
  ]);
});
