import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { inTestHome, type TestHome } from "./testing/command.js";
import { type Dev, placesToComeBackTo, startDev } from "./testing/dev.js";
import {
  commandsOf,
  type DocumentCommand,
  otherCommandsOf,
} from "./testing/document-commands.js";

const root = new URL("../../../", import.meta.url);
const readme = new URL("README.md", root);
const guide = new URL("docs/guide/two-terminals.md", root);
const accountFiles = new URL("docs/guide/backup-account-files.md", root);

/** Many commands behind each other, each a process of its own. */
const walkTimeoutMs = 240_000;

/** What a person types where a command asks. */
function typed({ args, exitCode }: DocumentCommand, pin: string | undefined) {
  switch (args[0]) {
    case "approve": {
      const wrong = pin === "0000" ? "0001" : "0000";
      return exitCode === 0 ? "y\n" : `${wrong}\n${wrong}\n${wrong}\n`;
    }
    case "send":
      return "Hello from the new phone\n";
    case "account":
      return accountInput[args[1] ?? ""];
    default:
      return undefined;
  }
}

/** Files that a person has in the directory they are in. */
const inTemporary = (home: TestHome, args: readonly string[]) =>
  args.map((arg) =>
    /^(?:history|alix)\./.test(arg) ? `${home.temporary}/${arg}` : arg,
  );

const passphrase = "seven green bottles\n";

/** The passphrase of the file, and a yes where one is asked for. */
const accountInput: Readonly<Record<string, string>> = {
  create: `y\n${passphrase}`,
  verify: passphrase,
  restore: passphrase,
  refresh: passphrase,
  requests: `${passphrase}y\n`,
  revoke: `${passphrase}y\n`,
};

/**
 * Follows a document line by line.
 *
 * @param processes - one for each line, as a person starts them, or one for all that end by themselves
 */
async function follow(
  home: TestHome,
  commands: readonly DocumentCommand[],
  processes: "oneEach" | "oneForAll",
) {
  let dev: Dev | undefined;
  let pin: string | undefined;
  const outputs: string[] = [];
  for (const command of commands) {
    if (command.before === "stop-dev") await dev?.stop("SIGINT");
    if (command.before === "start-dev") dev = await startDev(home, dev);
    if (command.args[0] === "dev") {
      dev = await startDev(home, await placesToComeBackTo());
      continue;
    }
    if (command.args[0] === "rm") {
      await rm(`${home.directory}/profiles/${command.args[1] ?? ""}`, {
        recursive: true,
      });
      continue;
    }
    const input = typed(command, pin);
    const { exitCode, stdout, stderr } = await home[
      processes === "oneEach" ? "run" : "runWarm"
    ](command.args, input === undefined ? {} : { input });
    expect(exitCode, `${command.line}\n${stdout}${stderr}`).toBe(
      command.exitCode,
    );
    pin = /PIN {2}(\d{4})/.exec(stdout)?.[1] ?? pin;
    outputs.push(stdout);
  }
  return outputs;
}

describe.concurrent("README", () => {
  it(
    "moves a history by the lines it tells to type",
    { timeout: walkTimeoutMs },
    () =>
      inTestHome(async (home) => {
        const commands = commandsOf(readme).map((command) => ({
          ...command,
          args: inTemporary(home, command.args),
        }));
        expect(commands.length).toBeGreaterThan(10);
        const outputs = await follow(home, commands, "oneEach");
        const find = (text: string) =>
          outputs.filter((each) => each.includes(text));
        expect(find("0 messages in 0 conversations.")).toHaveLength(1);
        expect(find("276 messages in 6 conversations imported")).toHaveLength(
          1,
        );
        expect(find("The same ids, authors, times and contents")).toHaveLength(
          1,
        );
        expect(find("alix: Hello from the new phone")).toHaveLength(1);
        expect(find("A restore today brings back 277 messages")).toHaveLength(
          1,
        );
        expect(find("277 messages in 6 conversations restored")).toHaveLength(
          1,
        );
      }),
  );

  it("names only npm scripts that there are", () => {
    const { scripts } = JSON.parse(
      readFileSync(new URL("package.json", root), "utf8"),
    ) as { scripts: Record<string, string> };
    const lines = otherCommandsOf(readme);
    expect(lines).toEqual([
      "npm ci && npm start",
      "npm start lost-phone",
      "npm ci && npm test",
      "npm run bench",
    ]);
    expect(Object.keys(scripts)).toEqual(
      expect.arrayContaining(["start", "test", "bench"]),
    );
    expect(scripts["start"]).toBe("node packages/cli/dist/main.js demo");
  });

  it("shows the code that is tested", () => {
    const [, code] =
      /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(readme, "utf8")) ?? [];
    expect(code).toBe(
      readFileSync(new URL("readme-sample.ts", import.meta.url), "utf8"),
    );
  });

  it.each([
    readme,
    guide,
    accountFiles,
    new URL("docs/guide/command-line.md", root),
    new URL("docs/guide/web-app.md", root),
  ])("links only to what there is: %s", (document) => {
    const links = [
      ...readFileSync(document, "utf8").matchAll(/\]\((?!https?:)([^)#]*)/g),
    ].map(([, link = ""]) => new URL(link, document));
    for (const link of links)
      expect(() => readFileSync(link), link.pathname).not.toThrow(/ENOENT/);
  });
});

describe.concurrent("the guide of two terminals", () => {
  it("tells what happens, line by line", { timeout: walkTimeoutMs }, () =>
    inTestHome(async (home) => {
      const commands = commandsOf(guide).map((command) => ({
        ...command,
        // A person has them in the directory they are in.
        args: inTemporary(home, command.args),
      }));
      expect(commands.length).toBeGreaterThan(25);
      const outputs = await follow(home, commands, "oneForAll");
      const find = (text: string) =>
        outputs.filter((each) => each.includes(text));
      expect(
        find("0 messages in 6 conversations imported, 276 were already there"),
      ).toHaveLength(1);
      expect(find("This was applied before")).toHaveLength(1);
      expect(find("2 tries left")).toHaveLength(1);
      expect(find("1 try left")).toHaveLength(1);
      expect(outputs.at(-1)).toContain("276 messages in 6 conversations.");
    }),
  );
});

describe.concurrent("the guide of Backup Account Files", () => {
  it("tells what happens, line by line", { timeout: walkTimeoutMs }, () =>
    inTestHome(async (home) => {
      const commands = commandsOf(accountFiles).map((command) => ({
        ...command,
        args: inTemporary(home, command.args),
      }));
      expect(commands.length).toBeGreaterThan(18);
      const outputs = await follow(home, commands, "oneForAll");
      const find = (text: string) =>
        outputs.filter((each) => each.includes(text));
      expect(find("brings back 276 messages in 6 conversations")).toHaveLength(
        1,
      );
      expect(find("277 messages in 6 conversations restored")).toHaveLength(1);
      expect(find("Sent 277 messages in 6 conversations")).toHaveLength(1);
      expect(find("277 messages in 6 conversations imported")).toHaveLength(1);
      expect(find("The same ids, authors, times and contents")).toHaveLength(1);
      expect(find("✓ Revoked.")).toHaveLength(1);
    }),
  );
});
