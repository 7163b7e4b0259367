import { expect, test } from "vitest";
import { hashOf, routeOf, routes } from "./route.js";

test("each page has an address of its own, and anything else leads home", () => {
  expect(new Set(routes.map(hashOf)).size).toBe(routes.length);
  for (const route of routes) expect(routeOf(hashOf(route))).toBe(route);
  for (const hash of ["", "#", "#/nowhere", "#/answer/../make", "#answer"])
    expect(routeOf(hash)).toBe("home");
});
