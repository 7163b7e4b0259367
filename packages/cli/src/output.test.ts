import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CarryoverError } from "@carryover/client";
import { describe, expect, it, test } from "vitest";
import { CliError } from "./cli-error.js";
import { warning } from "./commands/account/file-view.js";
import { createOutput, writeError } from "./output.js";
import { readPrivateFile } from "./profile/private-file.js";
import { hint } from "./terminal/hint.js";
import { columnsOf } from "./terminal/text.js";

function terminal(columns: number) {
  let text = "";
  const sink = {
    isTTY: true,
    columns,
    write: (piece: string) => {
      text += piece;
    },
  };
  const environment = { NO_COLOR: "1" };
  return {
    sink,
    environment,
    output: createOutput("text", { stdout: sink, stderr: sink }, environment),
    lines: () => text.split("\n"),
  };
}

test("on a narrow terminal lines break at words and errors cut nothing", async () => {
  const { output, sink, environment, lines } = terminal(32);
  const path = "/home/alix/somewhere/deep/down/alix.backup.age";
  output.say(`  Refresh one with: carryover account refresh ${path}`);
  await writeError(
    output,
    sink,
    new CliError("usage", `${path} is a directory`, `Look at ${path}.`),
    environment,
  );
  for (const line of lines()) expect(columnsOf(line)).toBeLessThanOrEqual(32);
  expect(lines()[0]).toBe("  Refresh one with: carryover");
  expect(lines().join("").replaceAll(" ", "")).toBe(
    `Refreshonewith:carryoveraccountrefresh${path}error:${path}isadirectoryLookat${path}.`,
  );
});

test("a command to type next is on one line, however narrow the terminal is", async () => {
  for (const columns of [24, 50, 80]) {
    const { output, sink, environment, lines } = terminal(columns);
    const command = hint("init --profile old-phone --wallet NAME");
    output.say(`  Or bring it back, if you have one, with: ${command}`);
    output.say(...warning(output, `There is one, refresh it: ${command}`));
    await writeError(
      output,
      sink,
      new CliError(
        "profileMissing",
        "there is no profile named old-phone",
        `Nothing was changed. See "${command}", or make it with: ${command}`,
      ),
      environment,
    );
    expect(
      lines().filter((line) => line.includes(command)),
      lines().join("\n"),
    ).toHaveLength(4);
  }
});

test("a file that others can read is closed to them by a line that can be copied", async () => {
  const directory = await mkdtemp(join(tmpdir(), "a place with spaces "));
  try {
    const path = join(directory, "key");
    await writeFile(path, "secret");
    await chmod(path, 0o644);
    const { output, sink, environment, lines } = terminal(40);
    const error: unknown = await readPrivateFile(path).catch(
      (reason: unknown) => reason,
    );
    await writeError(output, sink, error, environment);
    const line = lines().find((each) => each.includes("chmod")) ?? "";
    expect(line.trim()).toBe(`chmod 600 '${path}'`);
  } finally {
    await rm(directory, { recursive: true });
  }
});

test("a line that fits is left as it is, and so is every line where there is room for 80 columns", () => {
  const wide = terminal(80);
  const long = "x ".repeat(60);
  wide.output.say(long);
  expect(wide.lines()[0]).toBe(long);
});

test("what stands against an older copy says how it is refreshed all the same", async () => {
  const { output, sink, environment, lines } = terminal(80);
  await writeError(
    output,
    sink,
    new CarryoverError("accountFileOlderCopy", "an older copy"),
    environment,
  );
  expect(lines().join(" ").replaceAll(/ +/g, " ")).toMatch(
    /refresh this one anyway: \S.* account refresh FILE --even-if-older/,
  );
});

describe("COLUMNS", () => {
  const stderr = { write: () => true };
  it.each([
    [{}, "40", 40],
    [{ isTTY: true, columns: 0 }, "40", 40],
    // What the terminal says itself is newer.
    [{ isTTY: true, columns: 60 }, "40", 60],
    [{}, "wide", 80],
    [{}, "", 80],
  ])("%j and %j: %i wide", (sink, columns, width) => {
    const stdout = { write: () => true, ...sink };
    const output = createOutput(
      "text",
      { stdout, stderr },
      { COLUMNS: columns },
    );
    expect(output.width).toBe(width);
  });
});
