import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { waitFor } from "@carryover/testkit";
import { columnsOf } from "../terminal/text.js";
import { inTestHome, type TestHome } from "../testing/command.js";
import { atTerminal } from "../testing/terminal.js";

const leftBehind = async (home: TestHome) =>
  (await readdir(home.temporary)).filter((name) => !name.startsWith("key"));

// Two at a time: much of a story is waiting, and more of them at once would not be what a person sees.
const sideBySide = { timeout: 180_000 };

describe.concurrent("carryover demo", sideBySide, () => {
  it.sequential(
    "moves every message and proves it, unattended, in 80 columns without colour",
    () =>
      inTestHome(async (home) => {
        const { exitCode, stdout, stderr } = await home.run(["demo"]);
        expect(stderr).toBe("");
        expect(exitCode).toBe(0);
        expect(stdout).not.toContain("\u001b");
        expect(stdout).not.toContain("\r");
        const pins = [...stdout.matchAll(/PIN {2}(\d{4})/g)].map(
          ([, pin]) => pin,
        );
        expect(pins).toHaveLength(2);
        expect(pins[0]).toBe(pins[1]);
        expect(stdout).toMatch(/installed {2}(?:a moment|\d+ seconds?) ago/);
        // Two groups and four DMs, each with the same count on both sides.
        const rows = [
          ...stdout.matchAll(
            / (?:group|dm) +(\d+) +(\d+) {2}[0-9a-f]{12} {2}same$/gm,
          ),
        ];
        expect(rows).toHaveLength(6);
        for (const [, before, after] of rows) expect(after).toBe(before);
        expect(
          stdout.match(/Bo got it, and the answer came back/g),
        ).toHaveLength(3);
        for (const line of stdout.split("\n"))
          expect(columnsOf(line)).toBeLessThanOrEqual(80);
        expect(await leftBehind(home)).toEqual([]);
      }),
  );

  it.sequential(
    "asks a person at a terminal, and moves nothing after a no",
    () =>
      inTestHome(async (home) => {
        const terminal = atTerminal(home, ["demo"]);
        await terminal.sees("[y/N]");
        terminal.types("n\r");
        expect(await terminal.ended).toBe(0);
        expect(terminal.screen()).toContain(
          "You said no. Nothing was uploaded",
        );
        expect(terminal.screen()).not.toContain("The history moves");
        expect(await leftBehind(home)).toEqual([]);
      }),
  );

  it.sequential("says for programs how it went", () =>
    inTestHome(async (home) => {
      const { exitCode, stdout } = await home.run(["demo", "--yes", "--json"]);
      expect(exitCode).toBe(0);
      const result = JSON.parse(stdout) as Record<string, unknown>;
      expect(result).toMatchObject({
        ok: true,
        command: "demo",
        outcome: "moved",
        conversations: 6,
        delivered: 3,
      });
      // Half a minute on two cores has to be enough, whatever else runs on the machine of this test.
      expect(result["cpuMs"]).toBeLessThan(20_000);
    }),
  );
});

describe.concurrent("carryover demo lost-phone", sideBySide, () => {
  it.sequential(
    "loses every phone and gets everything back from a file, compared with what friends hold",
    () =>
      inTestHome(async (home) => {
        const { exitCode, stdout, stderr } = await home.run([
          "demo",
          "lost-phone",
        ]);
        expect(stderr).toBe("");
        expect(exitCode).toBe(0);
        expect(stdout).toContain("Alix has no device left");
        // Twice: restored from the file, and by a request that the file answered.
        const rows = [
          ...stdout.matchAll(
            / {2}(before the file|after the file|without a phone) +\w+ +(\d+) +(\d+) {2}[0-9a-f]{12} {2}same$/gm,
          ),
        ];
        expect(rows).toHaveLength(14);
        for (const [, , held, here] of rows) expect(here).toBe(held);
        for (const began of ["after the file", "without a phone"])
          expect(rows.some(([, each]) => each === began)).toBe(true);
        expect(stdout.match(/the conversation is live/g)).toHaveLength(2);
        expect(stdout).toContain("The file is the same, byte for byte");
        for (const line of stdout.split("\n"))
          expect(columnsOf(line)).toBeLessThanOrEqual(80);
        expect(await leftBehind(home)).toEqual([]);
      }),
  );

  it.sequential("makes no file after a no", () =>
    inTestHome(async (home) => {
      const terminal = atTerminal(home, ["demo", "lost-phone"]);
      await terminal.sees("Make it? [y/N]");
      terminal.types("n\r");
      expect(await terminal.ended).toBe(0);
      expect(terminal.screen()).toContain("You said no. Nothing was made");
      expect(terminal.screen()).not.toContain("The phone is lost");
      expect(await leftBehind(home)).toEqual([]);
    }),
  );

  it.sequential(
    "cleans up after Ctrl-C, and takes away what a killed one left",
    () =>
      inTestHome(async (home) => {
        const begin = async () => {
          const running = home.start(["demo"]);
          await waitFor("the story to begin", () =>
            running.stdout().includes("1. Alix has been chatting"),
          );
          return running;
        };
        const killed = await begin();
        killed.child.kill("SIGKILL");
        await killed.finished;
        expect(await leftBehind(home)).toHaveLength(1);

        const stopped = await begin();
        expect(await leftBehind(home)).toHaveLength(1);
        stopped.child.kill("SIGINT");
        const { exitCode, stderr } = await stopped.finished;
        expect(exitCode).toBe(130);
        expect(stderr).toContain("stopped on request");
        expect(stderr).toContain("Nothing of it is left on this machine.");
        expect(await leftBehind(home)).toEqual([]);
      }),
  );
});
