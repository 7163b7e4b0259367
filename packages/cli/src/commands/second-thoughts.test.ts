import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "@carryover/testkit";
import { createTestHome, program, type TestHome } from "../testing/command.js";
import { startDev } from "../testing/dev.js";
import { atTerminal } from "../testing/terminal.js";

let home: TestHome;

/** Runs a command for programs, and expects how it ends. */
async function run(
  line: string,
  exitCode = 0,
  env: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const args = [...line.split(" "), "--json"];
  const finished = await (Object.keys(env).length > 0
    ? home.run(args, { env })
    : home.runWarm(args));
  expect(finished, `${line}: ${finished.stderr}`).toMatchObject({ exitCode });
  return finished.json();
}

/** Runs a command for a person. */
async function read(line: string): Promise<string> {
  const { stdout, stderr } = await home.run(line.split(" "));
  return stdout + stderr;
}

interface Request {
  requestId: string;
  verificationPin: string;
  wrongPinTriesLeft: number;
}

const requestsOf = (document: Record<string, unknown>) =>
  document["requests"] as Request[];

async function inboxOf(profile: string): Promise<Request> {
  const [first] = requestsOf(await run(`inbox --profile ${profile}`));
  if (first === undefined) throw new Error("there is no request");
  return first;
}

beforeAll(async () => {
  home = await createTestHome();
  await startDev(home);
  await run("wallet create alix");
  await run("init --profile old-phone --wallet alix");
  await run("sample --profile old-phone");
  await run("init --profile new-phone --wallet alix");
});

afterAll(() => home.remove());

describe("a yes that was stopped with Ctrl-C", () => {
  /** Says yes at a prompt, and stops it while the history is read. */
  async function approveAndStop(requestId: string): Promise<string> {
    const running = home.start([
      "approve",
      requestId,
      "--yes",
      "--profile",
      "old-phone",
    ]);
    await waitFor(
      "the work to begin",
      () => running.stdout().includes("checking who asks"),
      { everyMs: 1 },
    );
    running.child.kill("SIGINT");
    const { exitCode, stderr } = await running.finished;
    expect(exitCode).toBe(130);
    return stderr;
  }

  it("can be taken back: a no sends nothing, also as the very next command", async () => {
    await run("request --profile new-phone");
    const { requestId } = await inboxOf("old-phone");
    const said = await approveAndStop(requestId);
    expect(said).toContain("Your yes stands");
    expect(said.replace(/\s+/g, " ")).toContain(
      `carryover decline ${requestId} --profile old-phone`,
    );

    expect(await run("decline --profile old-phone")).toMatchObject({
      outcome: "declined",
      requestId,
      tookYesBack: true,
    });
    expect(await run("inbox --profile old-phone", 3)).toMatchObject({
      requests: [],
      closed: {},
    });
    expect(await run("apply --profile new-phone", 6)).toMatchObject({
      error: { code: "over" },
      requests: [{ requestId, status: "Declined" }],
    });
  });

  it("goes on with the next command where nobody took it back", async () => {
    await run("request --profile new-phone");
    const { requestId } = await inboxOf("old-phone");
    await approveAndStop(requestId);
    expect(await run("inbox --profile old-phone", 3)).toMatchObject({
      closed: { [requestId]: "responded" },
    });
    expect(await run("apply --profile new-phone")).toMatchObject({
      applied: [{ requestId, totals: { imported: 276 } }],
    });
  });
});

describe("asking again", () => {
  it("is what status tells of: an answer to an earlier call is none to this one", async () => {
    await run("status --profile new-phone");
    await run("request --profile new-phone");
    await run("status --profile new-phone", 3);
    const error = {
      code: "pending",
      message: expect.stringMatching(/./) as string,
      advice: expect.stringContaining("apply --profile new-phone") as string,
      retryable: true,
      exitCode: 3,
    };
    expect(await run("apply --profile new-phone", 3)).toMatchObject({ error });
    await run("decline --profile old-phone");
    await run("status --profile new-phone", 6);
    const over = await run("apply --profile new-phone", 6);
    expect(over).toMatchObject({
      error: {
        ...error,
        code: "over",
        advice: expect.stringContaining("request --profile") as string,
        retryable: false,
        exitCode: 6,
      },
    });
    expect(over["requests"]).toHaveLength(1);
  });

  it(
    "is answered when one of two said yes, whatever the other one said",
    { timeout: 180_000 },
    async () => {
      await run("init --profile careful-phone --wallet alix --pin-mode enter");
      await run("request --profile new-phone");
      const { requestId } = await inboxOf("old-phone");
      await run("decline --profile careful-phone");
      await run(`approve ${requestId} --yes --profile old-phone`);
      await run("apply --profile new-phone");
      expect(await run("apply --profile new-phone")).toMatchObject({
        alreadyApplied: [{ requestId }],
      });
      await run("status --profile new-phone");

      // The other way round: the first of the list says no.
      await run("request --profile new-phone");
      await run("decline --profile old-phone");
      const { verificationPin } = requestsOf(
        await run("apply --profile new-phone", 3),
      )[0] ?? { verificationPin: "" };
      await run("approve --profile careful-phone", 0, {
        CARRYOVER_PIN: verificationPin,
      });
      await run("apply --profile new-phone");
      expect(await run("apply --profile new-phone")).toMatchObject({
        alreadyApplied: [{ totals: { imported: 0 } }],
      });
    },
  );

  it("takes what it can get: one file that is gone does not keep the other one out", async () => {
    await run("request --profile new-phone");
    const blobs = join(home.directory, "dev", "storage", "blobs");
    const before = new Set(await readdir(blobs));
    const gone = await inboxOf("old-phone");
    await run(`approve ${gone.requestId} --yes --profile old-phone`);
    for (const name of await readdir(blobs))
      if (!before.has(name)) await rm(join(blobs, name));
    const { requestId } = await inboxOf("careful-phone");
    await run(`approve ${requestId} --profile careful-phone`, 0, {
      CARRYOVER_PIN: gone.verificationPin,
    });
    expect(await run("apply --profile new-phone")).toMatchObject({
      applied: [{ requestId }],
      failed: [{ requestId: gone.requestId, code: "backupGone" }],
    });
  });

  it("and taking it back is said in words, without a full stop too many", async () => {
    const [asked] = requestsOf(await run("request --profile new-phone"));
    const requestId = asked?.requestId ?? "";
    await run(`cancel ${requestId} --profile new-phone`);
    const said = await read(`apply ${requestId} --profile new-phone`);
    expect(said).toContain(`${requestId}: taken back here.\n`);
    expect(said).toContain("carryover request --profile new-phone");
    for (const profile of ["old-phone", "careful-phone"])
      await run(`decline --profile ${profile}`);
  });
});

describe("typing the PIN", () => {
  it("takes what cannot be a PIN for a slip, and no try for it", async () => {
    await run("request --profile new-phone");
    const inbox = await read("inbox --profile careful-phone");
    expect(inbox).toContain("type the PIN that the new device shows");
    expect(inbox).toContain("3 tries left");

    const terminal = atTerminal(home, [
      "approve",
      "--profile",
      "careful-phone",
    ]);
    await terminal.sees("Type the PIN");
    terminal.types("\r");
    await terminal.sees("A PIN has four digits.");
    terminal.types("\u0003");
    expect(await terminal.ended).toBe(130);
    expect(
      await run("approve --profile careful-phone", 2, { CARRYOVER_PIN: "12" }),
    ).toMatchObject({ error: { code: "usage" } });
    expect(await inboxOf("careful-phone")).toMatchObject({
      wrongPinTriesLeft: 3,
    });
  });

  it("where several wait, the hint names what to name", async () => {
    await run("request --profile new-phone");
    expect(await read("inbox --profile old-phone")).toContain(
      "carryover approve REQUEST --profile old-phone",
    );
  });
});

describe("a file that cannot be", () => {
  it("is named, and no new key is left for one that cannot be written", async () => {
    const key = `${home.directory}/never.key`;
    expect(
      await run(
        `export ${home.directory}/nowhere/x.age -i ${key} --profile old-phone`,
        2,
      ),
    ).toMatchObject({ error: { code: "fileMissing" } });
    expect(await run(`inspect ${home.directory} -i ${key}`, 2)).toMatchObject({
      error: { code: "fileUnreadable" },
    });
    expect(
      await run(`inspect ${home.directory}/x.age -i ${key}`, 2),
    ).toMatchObject({ error: { code: "fileMissing" } });
  });

  it.each([
    ["with a name that is too long", "long.name-".repeat(25)],
    // A directory that takes no files, whoever asks.
    ["in a place that takes none", "/proc/self/x.age"],
  ])(
    "%s is called as it was typed, and no new key is left",
    async (_, file) => {
      const place = resolve(home.directory, file);
      const key = `${home.directory}/no.key`;
      const { error } = (await run(
        `export ${place} -i ${key} --profile old-phone`,
        1,
      )) as { error: { code: string; message: string } };
      expect(error.code).toBe("diskError");
      expect(error.message).toContain(place);
      expect(error.message).not.toContain("partial");
      await expect(stat(key)).rejects.toThrow("ENOENT");
    },
  );
});

describe("a yes that cannot be carried out yet", () => {
  it("is shown as that, with the way to take it back", async () => {
    const storage = home.start([
      ...["storage", "serve", "--json", "--port", "0"],
      ...["--directory", join(home.directory, "storage")],
    ]);
    const [line = ""] = await waitFor("the storage service to listen", () => {
      const lines = storage.stdout().split("\n");
      return lines.length > 1 ? lines : undefined;
    });
    const { url } = JSON.parse(line) as { url: string };
    await run(
      `init --profile other-phone --wallet alix --allow-storage ${url}`,
    );
    await run(`request --profile new-phone --storage-url ${url}`);
    const { requestId } = await inboxOf("other-phone");
    storage.child.kill("SIGTERM");
    await storage.finished;
    await run(`approve ${requestId} --yes --profile other-phone`, 5);

    const said = await read("inbox --profile other-phone");
    expect(said).toMatch(/^✗ encrypting, uploading/m);
    expect(said).not.toMatch(/^✓ encrypting, uploading/m);
    expect(said).toContain("is not finished.");
    expect(said).toContain(
      `carryover decline ${requestId} --profile other-phone`,
    );
    expect(said).not.toContain("carryover approve");
    await run(`decline ${requestId} --profile other-phone`);
  });
});

describe("a profile with lost or damaged files", () => {
  const fileOf = (name: string) => join(home.directory, "profiles", "bo", name);
  const damaged = { error: { code: "profileUnreadable", exitCode: 1 } };

  it("is left as it is: no key is replaced, and no further installation registered", async () => {
    const count = async () =>
      (
        (await run("installations --profile bo")) as {
          installations: unknown[];
        }
      ).installations.length;
    const installations = await count();
    const keep = async (name: string, work: () => Promise<void>) => {
      await rename(fileOf(name), fileOf(`${name}.kept`));
      await work();
      await rename(fileOf(`${name}.kept`), fileOf(name));
    };
    await keep("profile.json", async () => {
      const key = await readFile(fileOf("database.key"));
      expect(await run("init --profile bo --wallet bo", 1)).toMatchObject(
        damaged,
      );
      expect(await readFile(fileOf("database.key"))).toEqual(key);
    });
    await keep("xmtp.db3", async () => {
      expect(await run("chats --profile bo", 1)).toMatchObject(damaged);
    });
    await keep("database.key", async () => {
      await writeFile(fileOf("database.key"), "00".repeat(32), { mode: 0o600 });
      expect(await run("chats --profile bo", 1)).toMatchObject(damaged);
    });
    expect(await count()).toBe(installations);
    expect((await run("chats --profile bo"))["conversations"]).not.toHaveLength(
      0,
    );
  });

  it("is not what is said of a disk that takes nothing more", async () => {
    const child = spawn(
      "/bin/sh",
      [
        ...["-c", 'ulimit -f 20; exec "$0" "$@"', process.execPath, program],
        ...["chats", "--profile", "bo", "--json"],
      ],
      {
        env: { ...process.env, CARRYOVER_HOME: home.directory },
        stdio: ["ignore", "pipe", "ignore"],
      },
    );
    const closed = once(child, "close");
    const document: unknown = JSON.parse(await text(child.stdout));
    await closed;
    expect(document).toMatchObject({ error: { code: "diskError" } });
    const there = await readdir(join(home.directory, "profiles", "bo"));
    expect(there.filter((name) => name.endsWith(".partial"))).toEqual([]);
    await run("chats --profile bo");
  });
});

describe("the same again", () => {
  it("sample conversations are there once", async () => {
    const before = await run("chats --profile old-phone");
    expect(await run("sample --profile old-phone", 2)).toMatchObject({
      error: { code: "sampleThere" },
    });
    expect(await run("chats --profile old-phone")).toEqual(before);
  });

  it("who uses a profile that another command works with is told which one", async () => {
    await run("init --profile busy-phone --wallet alix");
    const waiting = home.start(
      "request --wait --profile busy-phone".split(" "),
    );
    await waitFor("it to wait", () =>
      waiting.stdout().includes("Waiting for the answer"),
    );
    expect(await run("inbox --profile busy-phone", 5)).toMatchObject({
      error: {
        code: "stateLocked",
        message: "another carryover command works with busy-phone",
        retryable: true,
      },
    });
    waiting.child.kill("SIGINT");
    expect((await waiting.finished).exitCode).toBe(130);
    await run("inbox --profile busy-phone", 3);
  });
});
