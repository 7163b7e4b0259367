import { type ChildProcess, fork } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StoryReport } from "./support/whole-story.js";

const inSupport = (name: string) =>
  fileURLToPath(new URL(`./support/${name}`, import.meta.url));

/** What a process said, and what stood in its argument list and those of its children. */
interface Story extends StoryReport {
  output: string;
  argumentLists: string;
}

let story: Story;
let storyteller: ChildProcess | undefined;
afterAll(() => void storyteller?.kill("SIGKILL"));

beforeAll(async () => {
  story = await runStory();
}, 120_000);

async function runStory(): Promise<Story> {
  const child = fork(
    inSupport("load-source.mjs"),
    [inSupport("whole-story.ts")],
    {
      execArgv: [],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, NODE_OPTIONS: "", VITEST: "" },
    },
  );
  storyteller = child;
  let output = "";
  let argumentLists = "";
  let report: StoryReport | undefined;
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.on("message", (message) => (report = message as StoryReport));
  const looking = setInterval(() => {
    void argumentListsOf(child.pid ?? 0).then(
      (lists) => (argumentLists += lists),
    );
  }, 50);
  const code = await new Promise((resolve) => child.on("exit", resolve));
  clearInterval(looking);
  if (code !== 0 || report === undefined)
    throw new Error(`the story ended with ${String(code)}: ${output}`);
  return { ...report, output, argumentLists };
}

/** Of a process and all below it. */
async function argumentListsOf(pid: number): Promise<string> {
  try {
    const own = await readFile(`/proc/${pid}/cmdline`, "utf8");
    let below = "";
    for (const thread of await readdir(`/proc/${pid}/task`)) {
      const children = await readFile(
        `/proc/${pid}/task/${thread}/children`,
        "utf8",
      );
      for (const child of children.split(" ").filter(Boolean))
        below += await argumentListsOf(Number(child));
    }
    return `${own}\n${below}`;
  } catch {
    // It has ended meanwhile.
    return "";
  }
}

/** Secrets that stand in a text. */
function secretsIn(text: string): string[] {
  const inWords = story.verificationPins.filter((pin) =>
    new RegExp(`(?<![0-9a-f])${pin}(?![0-9a-f])`).test(text),
  );
  return [
    ...story.secrets.filter((secret) => text.includes(secret)),
    ...inWords,
  ];
}

test("the story is whole: it has secrets to look for, and met everything that can go wrong", () => {
  expect(story.secrets.length).toBeGreaterThan(20);
  expect(
    story.secrets.filter((secret) => secret.startsWith("AGE-SECRET-KEY-PQ-")),
  ).not.toEqual([]);
  expect(story.verificationPins).toEqual(["9869"]);
  const codes = new Set(story.errors.map(({ code }) => code));
  expect([...codes].sort()).toEqual([
    "backupFileInvalid",
    "backupGone",
    "backupTooLarge",
    "declined",
    "hashMismatch",
    "invalidOption",
    "networkUnavailable",
    "pinRequired",
    "pinTriesUsedUp",
    "pinWrong",
    "privateAddress",
    "redirectRefused",
    "requestNotFound",
    "sizeMismatch",
    "stateUnreadable",
    "storageRefused",
    "storageUnavailable",
    "uploadAuthorizationUsed",
    "wrongState",
  ]);
  expect(story.output).toContain('"event":"request"');

  expect(story.argumentLists).toContain("whole-story.ts");
});

test("security rule 8: nothing secret is written to standard output or error", () => {
  expect(secretsIn(story.output)).toEqual([]);
});

test("security rule 8: nothing secret is in an argument list", () => {
  expect(secretsIn(story.argumentLists)).toEqual([]);
});

test("security rule 8: nothing secret is in an error: message, cause, stack or property", () => {
  for (const { code, text } of story.errors)
    expect(secretsIn(text), `${code}\n${text}`).toEqual([]);
});

test("security rule 8: nothing secret is in an event, but for the PIN where a person is to compare it", () => {
  expect(story.events.length).toBeGreaterThan(20);
  for (const event of story.events) expect(secretsIn(event), event).toEqual([]);
});
