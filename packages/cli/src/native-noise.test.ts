import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";

const program = fileURLToPath(new URL("../bin/carryover.js", import.meta.url));
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "carryover-noise-"));
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

it.each([
  ["beside what is written there before and after it", "> log 2>&1", ["log"]],
  [
    "also where errors have a file of their own",
    "> out 2> err",
    ["out", "err"],
  ],
  ["also where both are appended to", ">> more 2>> more", ["more"]],
])("an error stays in a file, %s", (_title, redirection, files) => {
  const fails = `"${process.execPath}" "${program}" status --profile nobody`;
  execFileSync(
    "sh",
    [
      "-c",
      `(echo first >&2; ${fails}; echo between >&2; ${fails}; echo last) ${redirection}`,
    ],
    {
      cwd: directory,
      env: { HOME: directory, CARRYOVER_HOME: join(directory, "home") },
    },
  );
  const all = files
    .map((name) => readFileSync(join(directory, name), "utf8"))
    .join("");
  expect(all.match(/^error: there is no profile named nobody$/gm)).toHaveLength(
    2,
  );
  for (const word of ["first", "between", "last"])
    expect(all).toMatch(new RegExp(`^${word}$`, "m"));
});
