import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "@carryover/testkit";
import {
  createTestHome,
  type Finished,
  type TestHome,
} from "../testing/command.js";
import { type Dev, placesToComeBackTo, startDev } from "../testing/dev.js";
import { atTerminal } from "../testing/terminal.js";

let home: TestHome;
let dev: Dev;

/** Runs a command for programs, and expects how it ends. What is told to persons runs in processes of its own. */
async function run(
  line: string,
  exitCode = 0,
  options?: { input?: string },
): Promise<Record<string, unknown>> {
  const args = [...line.split(" "), "--json"];
  const finished = await home.runWarm(args, options);
  expect(finished, `${line}: ${finished.stderr}`).toMatchObject({ exitCode });
  return finished.json();
}

interface Request {
  requestId: string;
  verificationPin?: string;
}

const requestsOf = (document: Record<string, unknown>) =>
  document["requests"] as Request[];

const firstOf = (document: Record<string, unknown>): Request => {
  const [first] = requestsOf(document);
  if (first === undefined) throw new Error("there is no request");
  return first;
};

beforeAll(async () => {
  home = await createTestHome();
  dev = await startDev(home, await placesToComeBackTo());
  await run("wallet create alix");
  await run("init --profile old-phone --wallet alix");
  await run("sample --profile old-phone");
  await run("init --profile new-phone --wallet alix");
});

afterAll(() => home.remove());

describe("moving a history by hand", () => {
  it("has nothing to do where nobody asked", async () => {
    expect(await run("inbox --profile old-phone", 3)).toMatchObject({
      requests: [],
    });
    expect(await run("apply --profile new-phone", 3)).toMatchObject({
      error: { code: "noOutboundRequest" },
    });
    expect(await run("approve --profile old-phone", 3)).toMatchObject({
      error: { code: "noInboundRequest" },
    });
    await run("status --profile new-phone", 3);
  });

  it("shows both sides the same PIN, and moves every message", async () => {
    const asked = firstOf(await run("request --profile new-phone"));
    expect(asked.verificationPin).toMatch(/^\d{4}$/);
    expect(await run("apply --profile new-phone", 3)).toMatchObject({
      ok: false,
      error: { code: "pending" },
    });

    const seen = firstOf(await run("inbox --profile old-phone"));
    expect(seen).toMatchObject({
      requestId: asked.requestId,
      verificationPin: asked.verificationPin,
      appName: "Carryover (new-phone)",
      estimate: { conversationCount: 6, messageCount: 276 },
    });
    expect(
      await run(`approve ${asked.requestId} --yes --profile old-phone`),
    ).toMatchObject({
      outcome: "responded",
      conversationCount: 6,
      messageCount: 276,
    });
    expect(await run("apply --profile new-phone")).toMatchObject({
      applied: [
        { totals: { conversations: 6, imported: 276, alreadyThere: 0 } },
      ],
    });
    expect(await run("compare old-phone --profile new-phone")).toMatchObject({
      conversations: 6,
      messages: 276,
      differences: [],
    });
    await run("status --profile new-phone");
  });

  it("applies once, however often it is told to", async () => {
    expect(await run("apply --profile new-phone")).toMatchObject({
      applied: [],
      alreadyApplied: [{ totals: { imported: 276 } }],
    });
  });

  it("brings conversations back alive: what the new phone writes arrives", async () => {
    await run("send bo --profile new-phone", 0, {
      input: "from the new one\n",
    });
    expect(await run("messages alix --limit 1 --profile bo")).toMatchObject({
      messages: [{ text: "from the new one" }],
    });
    expect(await run("compare old-phone --profile new-phone")).toMatchObject({
      messages: 277,
    });
  });
});

describe("consent", () => {
  it("is asked for at a terminal, beside who asks; no leaves the request open", async () => {
    const { requestId, verificationPin } = firstOf(
      await run("request --profile new-phone"),
    );
    const terminal = atTerminal(home, ["approve", "--profile", "old-phone"]);
    await terminal.sees("[y/N]");
    const screen = terminal.screen();
    expect(screen).toContain(verificationPin);
    expect(screen).toContain(requestId);
    expect(screen).toMatch(/installation [0-9a-f]{8}…, made \d+ \w+ ago/);
    terminal.types("\r");
    expect(await terminal.ended).toBe(3);
    expect(terminal.screen()).toContain("Nothing was sent.");
    expect(requestsOf(await run("inbox --profile old-phone"))).toHaveLength(1);
  });

  it("is not given by a closed standard input, nor by --yes without a request", async () => {
    expect(await run("approve --profile old-phone", 2)).toMatchObject({
      error: { code: "notInteractive" },
    });
    expect(await run("approve --yes --profile old-phone", 2)).toMatchObject({
      error: { code: "usage" },
    });
    expect(await run("apply --profile new-phone", 3)).toMatchObject({
      ok: false,
    });
  });

  it("can be refused: the request is deleted, and the other side is told", async () => {
    expect(await run("decline --profile old-phone")).toMatchObject({
      outcome: "declined",
      sizeBytes: 0,
    });
    expect(await run("inbox --profile old-phone", 3)).toMatchObject({
      requests: [],
    });
    expect(await run("apply --profile new-phone", 6)).toMatchObject({
      error: { code: "over" },
    });
  });

  it("can be taken back by who asked", async () => {
    const { requestId } = firstOf(await run("request --profile new-phone"));
    await run(`cancel ${requestId} --profile new-phone`);
    // Once more is no error: it is what was wanted.
    await run(`cancel ${requestId} --profile new-phone`);
    await run(`status ${requestId} --profile new-phone`, 6);
    await run("decline --profile old-phone");
    expect(
      await run("cancel 00000000000000000000 --profile new-phone", 2),
    ).toMatchObject({ error: { code: "requestNotFound" } });
  });

  it("in enter mode takes the PIN of the other screen from a private file, and never shows it", async () => {
    await run("init --profile careful-phone --wallet alix --pin-mode enter");
    const asked = requestsOf(await run("request --profile new-phone"));
    expect(asked).toHaveLength(2);
    const pin = asked[0]?.verificationPin ?? "";
    const seen = firstOf(await run("inbox --profile careful-phone"));
    expect(seen).not.toHaveProperty("verificationPin");

    const pinFile = join(home.directory, "pin");
    await writeFile(pinFile, `${pin}\n`, { mode: 0o600 });
    await run(`approve --pin-file ${pinFile} --profile careful-phone`);
    expect(await run("apply --profile new-phone")).toMatchObject({
      applied: [{ totals: { imported: 0 } }],
    });
  });

  it("needs the request's id where several wait", async () => {
    await run("request --profile new-phone");
    expect(await run("approve --profile old-phone", 2)).toMatchObject({
      error: { code: "severalInboundRequests" },
    });
    for (const { requestId } of requestsOf(
      await run("inbox --profile old-phone"),
    ))
      await run(`decline ${requestId} --profile old-phone`);
  });

  it("arrives while the asking command waits", async () => {
    const waiting = home.start(["request", "--wait", "--profile", "new-phone"]);
    const { requestId } = await poll(async () =>
      requestsOf(
        (await home.run(["inbox", "--json", "--profile", "old-phone"])).json(),
      ).at(0),
    );
    await run(`approve ${requestId} --yes --profile old-phone`);
    const { exitCode, stdout } = await waiting.finished;
    expect(stdout).toContain("277 were already there");
    expect(exitCode).toBe(0);
  });
});

describe("a revoked installation", () => {
  it("gets nothing, though it asked before", async () => {
    const { installationId = "" } = (await run(
      "init --profile stolen-phone --wallet alix",
    )) as { installationId?: string };
    await run("request --profile stolen-phone");
    const asked = firstOf(await run("inbox --profile old-phone"));
    expect(asked).toMatchObject({ installationId });
    expect(await run("installations --profile old-phone")).toMatchObject({
      installations: expect.arrayContaining([
        expect.objectContaining({ installationId, profile: "stolen-phone" }),
        expect.objectContaining({ profile: "old-phone", isThis: true }),
      ]) as unknown,
    });

    await run(`revoke ${installationId.slice(0, 12)} --profile old-phone`, 2);
    await run(
      `revoke ${installationId.slice(0, 12)} --yes --profile old-phone`,
    );
    // Whatever a person says now.
    expect(
      await run(`approve ${asked.requestId} --yes --profile old-phone`, 4),
    ).toMatchObject({ error: { code: "installationRevoked" } });
    expect(await run("inbox --profile old-phone", 3)).toMatchObject({
      requests: [],
    });
    expect(await run("chats --profile stolen-phone")).toMatchObject({
      conversations: [],
    });
  });
});

describe("killed in the middle, on either side", () => {
  it("goes on with the same command, and says so", async () => {
    const { requestId } = firstOf(await run("request --profile new-phone"));
    const approve = `approve ${requestId} --yes --profile old-phone`.split(" ");
    await killAfter(approve, "checking who asks");
    const approved = await home.run(approve);
    expect(approved, approved.stderr).toMatchObject({ exitCode: 0 });
    expect(approved.stdout).toContain("the history is sent now");

    const apply = ["apply", "--profile", "new-phone"];
    await killAfter(apply, "downloading");
    const applied = await home.run(apply);
    expect(applied, applied.stderr).toMatchObject({ exitCode: 0 });
    expect(applied.stdout).toContain("277 were already there");
    expect(await run("compare old-phone --profile new-phone")).toMatchObject({
      messages: 277,
      differences: [],
    });
  });
});

describe("without a network", () => {
  it("shows and exports what the device holds, and loses nothing", async () => {
    const file = join(home.directory, "offline.age");
    const key = join(home.directory, "offline.key");
    const reading = [
      "chats --profile old-phone",
      "messages bo --limit 3 --profile old-phone",
      "status --profile new-phone",
    ];
    const online: Record<string, unknown>[] = [];
    for (const line of reading) online.push(await run(line));
    await dev.stop("SIGTERM");
    for (const [index, line] of reading.entries()) {
      const document = await run(line);
      expect(document).toEqual({ ...online[index], network: "unreachable" });
      const { stderr } = await home.run(line.split(" "));
      expect(stderr).toContain("The XMTP network does not answer");
    }
    expect(
      await run(`export ${file} --identity-file ${key} --profile old-phone`),
    ).toMatchObject({ conversationCount: 6, messageCount: 277 });
    // Others cannot do without it.
    for (const line of [
      "inbox --profile old-phone",
      "apply --profile new-phone",
      "send bo --profile old-phone",
    ])
      expect(await run(line, 5, { input: "lost?\n" })).toMatchObject({
        error: { code: "networkNotReachable", retryable: true },
      });

    dev = await startDev(home, dev);
    await run("send bo --profile old-phone", 0, { input: "here again\n" });
    await run("send alix --profile bo", 0, { input: "so am I\n" });
    expect(
      await run("messages bo --limit 2 --profile old-phone"),
    ).toMatchObject({
      network: "reachable",
      messages: [{ text: "here again" }, { text: "so am I" }],
    });
    expect(await run("compare old-phone --profile new-phone")).toMatchObject({
      messages: 279,
      differences: [],
    });
  });

  it("that takes a connection and stays silent, reads end in time", async () => {
    const silent = createServer();
    await new Promise<void>((resolve) =>
      silent.listen(0, "127.0.0.1", () => resolve()),
    );
    const { port } = silent.address() as AddressInfo;
    const networkUrl = `http://127.0.0.1:${port}`;
    try {
      expect(
        await run(`chats --profile old-phone --network-url ${networkUrl}`),
      ).toMatchObject({ network: "unreachable" });

      // A person does not wait for the end of that time.
      let connections = 0;
      silent.on("connection", () => (connections += 1));
      const waiting = home.start([
        ...["inbox", "--profile", "old-phone", "--network-url", networkUrl],
      ]);
      // The first one only looks whether anybody is there.
      await waitFor("the library to wait", () => connections > 1);
      waiting.child.kill("SIGINT");
      const { exitCode, stderr } = await waiting.finished;
      expect(stderr).toMatch(/^Stopping \.\.\. \(Ctrl-C once more/);
      expect(exitCode).toBe(130);
    } finally {
      silent.close();
      silent.unref();
    }
  });
});

/** Kills a command when it has shown a phase to be over. */
async function killAfter(args: readonly string[], phase: string) {
  const running = home.start(args);
  await waitFor(
    `"${phase}" to be over`,
    () => {
      if (running.child.exitCode !== null)
        throw new Error(`it ended: ${running.stdout()}`);
      return running.stdout().includes(phase);
    },
    { everyMs: 1 },
  );
  running.child.kill("SIGKILL");
  await running.finished;
}

async function poll<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 20; tries += 1) {
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  throw new Error("it never came");
}

describe("a backup file", () => {
  const inHome = (name: string) => join(home.directory, name);

  it("is written, inspected and imported; nobody else can read file or key", async () => {
    const file = inHome("history.age");
    const key = inHome("history.key");
    expect(
      await run(`export ${file} --identity-file ${key} --profile old-phone`),
    ).toMatchObject({ conversationCount: 6, messageCount: 279 });
    for (const path of [file, key])
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, "latin1")).slice(0, 22)).toBe(
      "age-encryption.org/v1\n",
    );

    expect(await run(`inspect ${file} --identity-file ${key}`)).toMatchObject({
      format: "messageBackupFile",
      messageCount: 279,
    });
    expect(await run(`inspect ${file}`, 2)).toMatchObject({
      error: { code: "secretMissing" },
    });

    await run("init --profile third-phone --wallet alix");
    expect(
      await run(`import ${file} --identity-file ${key} --profile third-phone`),
    ).toMatchObject({ totals: { imported: 279 } });
    expect(
      await run(`import ${file} --identity-file ${key} --profile third-phone`),
    ).toMatchObject({ totals: { imported: 0, alreadyThere: 279 } });
  });

  it("of somebody else, with one flipped byte, or cut is refused, and nothing is imported", async () => {
    const key = inHome("history.key");
    // Nobody can be asked for it again, and nothing was downloaded.
    const localError = {
      code: expect.stringMatching(/^file(?:Altered|Truncated)$/) as string,
      advice: expect.not.stringMatching(
        /ask|fetch|download|request|storage/i,
      ) as string,
    };
    const bytes = await readFile(inHome("history.age"));
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(5_000) ^ 1, 5_000);
    await writeFile(inHome("flipped.age"), flipped);
    await writeFile(inHome("cut.age"), bytes.subarray(0, -1_000));
    for (const name of ["flipped.age", "cut.age"]) {
      const file = inHome(name);
      for (const line of [
        `inspect ${file} --identity-file ${key}`,
        `import ${file} --identity-file ${key} --profile bo`,
      ])
        expect(await run(line, 4)).toMatchObject({ error: localError });
    }
    expect(
      await run(
        `import ${inHome("history.age")} --identity-file ${key} --profile bo`,
        4,
      ),
    ).toMatchObject({ error: { code: "backupOfAnotherInbox" } });
    const otherKey = inHome("offline.key");
    for (const line of ["inspect", "import --profile bo"])
      expect(
        await run(
          `${line} ${inHome("history.age")} --identity-file ${otherKey}`,
          2,
        ),
      ).toMatchObject({
        error: { ...localError, code: "identityMismatch" },
      });
    expect(await run(`inspect ${key} --identity-file ${key}`, 2)).toMatchObject(
      { error: { code: "fileUnreadable" } },
    );
  });

  it("is not written over another file", async () => {
    const file = inHome("history.age");
    const before = await stat(file);
    expect(
      await run(
        `export ${file} --identity-file ${inHome("history.key")} --profile old-phone`,
        2,
      ),
    ).toMatchObject({ error: { code: "fileExists" } });
    expect((await stat(file)).mtimeMs).toBe(before.mtimeMs);
    expect(
      (await readdir(home.directory)).filter((name) =>
        name.endsWith(".partial"),
      ),
    ).toEqual([]);
  });

  it("that a killed export began is gone with the next one", async () => {
    const id = "123e4567-e89b-42d3-a456-426614174000";
    const killed = home.start(["--version"]);
    await killed.finished;
    const left = (of: string, pid: number | undefined) =>
      `.${of}.${pid ?? 0}-${id}.partial`;
    const kept = [
      left("again.age", process.pid),
      left("another.age", killed.child.pid),
    ].sort();
    for (const name of [left("again.age", killed.child.pid), ...kept])
      await writeFile(inHome(name), "cut");
    await run(
      `export ${inHome("again.age")} --identity-file ${inHome("history.key")} --profile old-phone`,
    );
    const hidden = (await readdir(home.directory)).filter((name) =>
      name.endsWith(".partial"),
    );
    expect(hidden.sort()).toEqual(kept);
    for (const name of kept) await rm(inHome(name));
  });
});

describe("what is written", () => {
  it("shows no key, no ticket and no address of a file, in any command's output", async () => {
    const secrets = await secretsOf(home);
    const outputs: Finished[] = [];
    for (const line of [
      "request --profile new-phone",
      "inbox --profile old-phone --json",
      "status --profile new-phone --json",
      "wallet list",
    ])
      outputs.push(
        await home.run(line.split(" "), { env: { CARRYOVER_DEBUG: "1" } }),
      );
    for (const { stdout, stderr } of outputs) {
      expect(`${stdout}${stderr}`).not.toMatch(
        /\/backups\b|ticket|AGE-SECRET-KEY/i,
      );
      for (const secret of secrets)
        expect(`${stdout}${stderr}`).not.toContain(secret);
    }
  });
});

async function secretsOf({ directory }: TestHome): Promise<string[]> {
  const secrets: string[] = [];
  for (const name of await readdir(join(directory, "wallets"))) {
    const wallet = JSON.parse(
      await readFile(join(directory, "wallets", name), "utf8"),
    ) as { privateKey: string };
    secrets.push(wallet.privateKey);
  }
  for (const name of await readdir(join(directory, "profiles")))
    for (const file of ["database.key", "records.key"])
      secrets.push(
        (
          await readFile(join(directory, "profiles", name, file), "utf8")
        ).trim(),
      );
  expect(secrets.length).toBeGreaterThan(10);
  return secrets;
}
