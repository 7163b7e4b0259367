import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { faultsOf } from "./content-policy.js";

const page = await readFile(
  new URL("../../index.html", import.meta.url),
  "utf8",
);
const policy =
  /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(page)?.[1] ??
  "";

test("the page's policy lets its own files run, and nothing else", () => {
  expect(faultsOf(policy)).toEqual([]);
});

test.each([
  ["script-src 'self'", "script-src 'self' 'unsafe-inline'", "'unsafe-inline'"],
  ["script-src 'self'", "script-src 'self' 'unsafe-eval'", "'unsafe-eval'"],
  ["script-src 'self'", "script-src 'self' https:", "https:"],
  ["script-src 'self'", "script-src 'self' *", "*"],
  ["script-src 'self'", "script-src 'self' https://*.example.org", "*."],
  ["style-src 'self'", "style-src 'self' 'unsafe-inline'", "'unsafe-inline'"],
  ["default-src 'none';", "", "default-src: is missing"],
  ["base-uri 'none';", "", "base-uri: is missing"],
  ["require-trusted-types-for 'script';", "", "is missing"],
  ["default-src 'none';", "default-src 'none'; script-src *;", "twice"],
])("a policy with %s made to %s is not strict enough", (now, then, fault) => {
  expect(policy).toContain(now);
  expect(faultsOf(policy.replace(now, then)).join("\n")).toContain(fault);
});
