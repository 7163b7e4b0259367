import { expect, test } from "vitest";
import * as api from "./index.js";

test("the public names are these", () => {
  expect(Object.keys(api).sort()).toEqual([
    "LocalNetworkError",
    "createLocalNetwork",
    "systemClock",
  ]);
});
