import { randomBytes } from "node:crypto";
import {
  copyFile,
  readdir,
  readFile,
  rename,
  stat,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { waitFor } from "@carryover/testkit";
import { carryoverClientOptions, createCarryover } from "@carryover/xmtp-node";
import { Client } from "@xmtp/node-sdk";
import { Decrypter } from "age-encryption";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { locateHome } from "../../profile/home.js";
import { loadWallet } from "../../profile/wallet-store.js";
import { columnsOf } from "../../terminal/text.js";
import { createTestHome, type TestHome } from "../../testing/command.js";
import { type Dev, startDev } from "../../testing/dev.js";
import { atTerminal } from "../../testing/terminal.js";
import { signerOf } from "../../xmtp/signer.js";

const passphrase = "seven green bottles";
const env = { CARRYOVER_PASSPHRASE: passphrase };

let home: TestHome;
let file: string;
let dev: Dev;

type Document = Record<string, unknown>;

/** Runs a command for programs, and expects how it ends. */
async function run(
  line: string,
  exitCode = 0,
  options: { input?: string; env?: Record<string, string> } = { env },
): Promise<Document> {
  const finished = await home.runWarm([...line.split(" "), "--json"], options);
  expect(finished, `${line}: ${finished.stderr}`).toMatchObject({ exitCode });
  return finished.json();
}

const send = (text: string, to: string, profile: string) =>
  run(`send ${to} --profile ${profile}`, 0, { input: `${text}\n` });

/** Files that commands unpacked: they must not outlive them. */
async function leftBehind(): Promise<string[]> {
  const left: string[] = [];
  for (const directory of [home.temporary, join(home.directory, "work")]) {
    const entries = await readdir(directory, {
      recursive: true,
      withFileTypes: true,
    }).catch(() => []);
    left.push(
      ...entries.filter((each) => each.isFile()).map(({ name }) => name),
    );
  }
  return left.filter((name) => !keptOnPurpose.test(name));
}

/** Which requests a file has answered and where the PIN was wrong, as ids, and the locks that nobody holds. */
const keptOnPurpose = /^((answered|tries)-[0-9a-f]{64}|lock-[0-9]{12})$/;

/** Runs some work in this home, as if no file had been made or used in it. */
async function hideNotes(work: () => Promise<void>): Promise<void> {
  const notes = join(
    home.directory,
    "profiles",
    "old-phone",
    "account-files.json",
  );
  await rename(notes, `${notes}.hidden`);
  try {
    await work();
  } finally {
    await rename(`${notes}.hidden`, notes);
  }
}

beforeAll(async () => {
  home = await createTestHome();
  file = join(home.directory, "alix.age");
  dev = await startDev(home);
  await run("wallet create alix");
  await run("init --profile old-phone --wallet alix");
  await run("sample --profile old-phone");
});

afterAll(() => home.remove());

describe("making a Backup Account File", () => {
  it("shows what it costs and asks; a no registers nothing", async () => {
    expect(
      await run(`account create ${file} --profile old-phone`, 3, {
        env,
        input: "n\n",
      }),
    ).toMatchObject({
      outcome: "undecided",
      budget: { installations: { used: 1, limit: 10 } },
    });
    await run(`account create ${file} --profile old-phone`, 2);
    await expect(stat(file)).rejects.toThrow("ENOENT");
    const { installations } = await run("installations --profile old-phone");
    expect(installations).toHaveLength(1);
    expect(await run("account list")).toMatchObject({ files: [] });
  });

  it("at a terminal has the passphrase typed twice, never shows it, and says how long the file is good", async () => {
    const terminal = atTerminal(home, [
      "account",
      "create",
      file,
      "--profile",
      "old-phone",
    ]);
    await terminal.sees("Make it? [y/N]");
    const asked = terminal.screen();
    expect(asked).toContain("installation 2 of 10");
    expect(asked).toContain("identity update 2 of 256");
    terminal.types("y\r");
    await terminal.sees("Passphrase (not shown)");
    terminal.types("short\r");
    await terminal.sees("fewer than 8 characters.\n  Several random words");
    terminal.types(`${"x".repeat(20)}\r`);
    await terminal.sees("one character again and again");
    const wallet = await loadWallet(locateHome(home.directory, {}), "alix");
    terminal.types(`${wallet.address}\r`);
    await terminal.sees("the account's own address");
    terminal.types(`${passphrase}\r`);
    await terminal.sees("The same again");
    terminal.types(`${passphrase}x\r`);
    await terminal.sees("not the same");
    await waitFor(
      "the question to come back",
      () => terminal.screen().split("Passphrase (not shown)").length === 6,
    );
    terminal.types(`${passphrase}\r`);
    await waitFor(
      "the second question to come back",
      () => terminal.screen().split("The same again").length === 3,
    );
    terminal.types(`${passphrase}\r`);
    expect(await terminal.ended).toBe(0);
    const screen = terminal.screen();
    expect(screen).not.toContain("seven green");
    // What the wallet signs is shown.
    expect(screen).toContain("Grant messaging access to app");
    expect(screen).toContain("276 messages in 6 conversations");
    expect(screen).toMatch(/refresh by +\d+ \w{3} \d{4}: 29 days left/);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await leftBehind()).toEqual([]);
  });

  it("does not touch a file that is there", async () => {
    const before = await readFile(file);
    expect(
      await run(`account create ${file} --yes --profile old-phone`, 2),
    ).toMatchObject({ error: { code: "fileExists" } });
    expect(await readFile(file)).toEqual(before);
    expect(
      await run(
        `account create ${home.directory} --replace --yes --profile old-phone`,
        2,
      ),
    ).toMatchObject({
      error: {
        code: "usage",
        message: expect.stringContaining("is a directory") as string,
      },
    });
  });

  it("is noted without a secret: listings warn, and the installation is shown for what it is", async () => {
    expect(await run("account list")).toMatchObject({
      files: [
        {
          file,
          profile: "old-phone",
          state: "inUse",
          isThere: true,
          daysLeft: { daysLeft: 29, state: "good" },
        },
      ],
    });
    expect(await run("installations --profile old-phone")).toMatchObject({
      installations: [{ role: "full" }, { role: "backup", file }],
    });
    // Nine days before the end nobody warns, three days before everybody does.
    const notes = join(
      home.directory,
      "profiles",
      "old-phone",
      "account-files.json",
    );
    const noted = await readFile(notes, "utf8");
    expect(noted).not.toContain(passphrase);
    const soonMs = Date.now() + 3.5 * 86_400_000;
    await writeFile(
      notes,
      noted.replace(
        /"messagesKeptUntilMs": \d+/,
        `"messagesKeptUntilMs": ${soonMs}`,
      ),
      { mode: 0o600 },
    );
    const { stdout } = await home.run(["profiles"]);
    expect(stdout).toMatch(/Backup Account File .*: 3 days left/);
    await writeFile(notes, noted, { mode: 0o600 });
    expect((await home.run(["profiles"])).stdout).not.toContain("days left");
  });
});

describe("looking at one", () => {
  it("says without the secret what opens it, and nothing else", async () => {
    const seen = await run(`account inspect ${file}`, 0, {});
    expect(seen).toMatchObject({ protection: { kind: "passphrase" } });
    expect(seen).not.toHaveProperty("summary");
  });

  it("says with it what it is, and refuses a wrong one", async () => {
    expect(await run(`account inspect ${file}`)).toMatchObject({
      role: "BACKUP",
      summary: { environment: "local", sequence: 1 },
      copy: "newestKnown",
    });
    expect(
      await run(`account inspect ${file} --open`, 4, {
        input: "another passphrase\n",
      }),
    ).toMatchObject({ error: { code: "wrongPassphrase", retryable: true } });
    await run(`account inspect ${join(home.directory, "nope.age")}`, 2);
  });
});

describe("a passphrase at a terminal", () => {
  it("is never shown, also when it is typed while the last one is still being tried", async () => {
    const terminal = atTerminal(home, ["account", "inspect", "--open", file]);
    const question = "Passphrase of the file (not shown): ";
    await terminal.sees(question);
    terminal.types("another passphrase\r");
    await terminal.sees(`${question}\n`);
    terminal.types("typed while it is tried\r");
    await terminal.sees("That does not open it");
    await waitFor("the question to come back", () =>
      terminal.screen().endsWith(question),
    );
    terminal.types(`${passphrase}\r`);
    expect(await terminal.ended).toBe(0);
    const screen = terminal.screen();
    expect(screen).toContain("A Backup Account File, version 1");
    expect(screen).not.toContain("another passphrase");
    expect(screen).not.toContain("while it is tried");
    expect(screen).not.toContain("seven green");
  });
});

describe("with the phone lost", () => {
  const copy = () => join(home.directory, "copy.age");

  it("a drill says what would come back, and leaves nothing", async () => {
    await send("sent after the file", "cleo", "old-phone");
    await copyFile(file, copy());
    const before = await readFile(file);
    expect(await run(`account verify ${file}`)).toMatchObject({
      totals: { conversations: 6, messages: 277 },
      facts: { copy: "newest", missing: [] },
    });
    expect(await readFile(file)).toEqual(before);
    expect(await leftBehind()).toEqual([]);
  });

  it("everything is restored, as often as one likes; who it waits for is said", async () => {
    await run("init --profile new-phone --wallet alix");
    const { exitCode, stdout } = await home.run(
      ["account", "restore", file, "--profile", "new-phone"],
      { env },
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain(
      "277 messages in 6 conversations restored, 0 were already there",
    );
    expect(stdout).toMatch(/^cleo +31 +31 +0 +waits for cleo$/m);
    expect(stdout).toMatch(/^Book club .* waits for \w+ or 2 more$/m);
    for (const line of stdout.split("\n"))
      expect(columnsOf(line)).toBeLessThanOrEqual(80);
    expect(await run("compare old-phone --profile new-phone")).toMatchObject({
      differences: [],
      messages: 277,
    });
    expect(
      await run(`account restore ${file} --profile new-phone`),
    ).toMatchObject({
      fileState: "unchanged",
      totals: { imported: 0, alreadyThere: 277 },
    });
    expect(await leftBehind()).toEqual([]);
  });

  it("the file answers a request, after a yes to that very request", async () => {
    await run("init --profile other-app --wallet alix");
    await run("request --account-files --profile other-app");
    const { requests } = (await run(`account requests ${file} --list`)) as {
      requests: { requestId: string; verificationPin: string }[];
    };
    const [request] = requests;
    expect(requests).toHaveLength(1);
    expect(request?.verificationPin).toMatch(/^\d{4}$/);
    await run(`account requests ${file} --approve 0000`, 2);
    await run("apply --profile other-app", 3);

    const { exitCode, stdout } = await home.run(["account", "requests", file], {
      env,
      input: "y\n",
    });
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`PIN          ${request?.verificationPin ?? ""}`);
    expect(stdout).toContain("Sent 277 messages in 6 conversations");
    expect(await run("apply --profile other-app")).toMatchObject({
      applied: [{ suppliedByRole: "backup", totals: { imported: 277 } }],
    });
    // What a home noted of its files does not have to be there: the file itself says what it is.
    await hideNotes(async () => {
      const again = await home.run([
        "apply",
        request?.requestId ?? "",
        ...["--profile", "other-app"],
      ]);
      expect(again.stdout).toContain(
        "Supplied by your Backup Account File (installation ",
      );
      expect(again.stdout).not.toContain("Supplied by your installation");
    });
    expect(await leftBehind()).toEqual([]);
  });

  it("one command at a time writes with a file, whichever it is", async () => {
    const other = join(home.directory, "copy-elsewhere.age");
    await copyFile(file, other);
    await run("request --account-files --profile other-app");
    const terminal = atTerminal(home, ["account", "requests", file]);
    await terminal.sees("Passphrase of the file");
    terminal.types(`${passphrase}\r`);
    await terminal.sees("does the other device show this PIN?");
    for (const second of [
      `account refresh ${other}`,
      `account restore ${file} --make-live --profile new-phone`,
    ])
      expect(await run(second, 5), second).toMatchObject({
        error: { code: "stateLocked", retryable: true },
      });
    terminal.types("n\r");
    await terminal.sees("Say no to this request?");
    terminal.types("y\r");
    expect(await terminal.ended).toBe(0);
    expect(await leftBehind()).toEqual([]);
  });

  it("in enter mode the PIN is not shown, and a yes needs what the other device shows", async () => {
    const asked = (await run(
      "request --account-files --profile other-app",
    )) as { requests: { requestId: string; verificationPin: string }[] };
    const pin = asked.requests[0]?.verificationPin ?? "";
    const enter = `account requests ${file} --pin-mode enter`;
    const listed = (await run(`${enter} --list`)) as {
      requests: { requestId: string }[];
    };
    const [request] = listed.requests;
    expect(request).not.toHaveProperty("verificationPin");
    const approve = `${enter} --approve ${request?.requestId ?? ""}`;
    const wrong = pin === "1234" ? "4321" : "1234";
    for (const [typed, code] of [
      [wrong, "pinWrong"],
      ["12", "usage"],
    ] as const)
      expect(
        await run(approve, code === "usage" ? 2 : 4, {
          env: { ...env, CARRYOVER_PIN: typed },
        }),
      ).toMatchObject({ error: { code } });
    await run("apply --profile other-app", 3);
    const pinFile = join(home.directory, "typed-pin");
    await writeFile(pinFile, `${pin}\n`, { mode: 0o600 });
    await run(`${approve} --pin-file ${pinFile}`);
    expect(await run("apply --profile other-app")).toMatchObject({
      applied: [{ totals: { imported: 0, alreadyThere: 277 } }],
    });
    expect(await leftBehind()).toEqual([]);
  });

  it("a refreshed file replaces the older one, whose copies are recognised before anything is lost", async () => {
    expect(await run(`account refresh ${file}`)).toMatchObject({
      passphrase: "kept",
      summary: { sequence: 2 },
      messageCount: 277,
      conversationCount: 6,
    });
    expect(await run(`account inspect ${copy()}`)).toMatchObject({
      copy: "olderCopy",
    });
    const before = await readFile(copy());
    expect(await run(`account refresh ${copy()}`, 4)).toMatchObject({
      error: {
        code: "accountFileOlderCopy",
        advice: expect.stringMatching(
          /refresh this one anyway: \S.* account refresh FILE --even-if-older$/,
        ) as string,
      },
    });
    expect(await readFile(copy())).toEqual(before);
    const { stdout } = await home.run(["account", "verify", copy()], { env });
    expect(stdout).toContain("Another copy of this file was refreshed since");
  });
});

describe("another passphrase", () => {
  // As one system types it, and as another.
  const composed = "acht schöne weiße Schwäne".normalize("NFC");
  const decomposed = composed.normalize("NFD");

  it("is given when a file is refreshed; the older passphrase does not open the newer file", async () => {
    const before = await readFile(file);
    const short = { env: { ...env, CARRYOVER_NEW_PASSPHRASE: "short" } };
    expect(
      await run(`account refresh ${file} --new-passphrase`, 2, short),
    ).toMatchObject({ error: { code: "passphraseInvalid" } });
    expect(await readFile(file)).toEqual(before);
    const passphraseFile = join(home.directory, "new-passphrase");
    expect(decomposed).not.toBe(composed);
    await writeFile(passphraseFile, `${decomposed}\n`, { mode: 0o600 });
    expect(
      await run(
        `account refresh ${file} --new-passphrase-file ${passphraseFile}`,
      ),
    ).toMatchObject({ passphrase: "changed", summary: { sequence: 3 } });
    expect(await run(`account inspect ${file}`, 4)).toMatchObject({
      error: { code: "wrongPassphrase" },
    });
    expect(
      await run(`account refresh ${file} --new-passphrase`, 0, {
        env: {
          CARRYOVER_PASSPHRASE: composed,
          CARRYOVER_NEW_PASSPHRASE: passphrase,
        },
      }),
    ).toMatchObject({ passphrase: "changed", summary: { sequence: 4 } });
  });
});

describe("a stolen file", () => {
  it("asks in vain, and the inbox says so", async () => {
    const { carryover, close } = await stealFile();
    try {
      await carryover.requestRemoteMessageHistoryBackup({
        storageProviderUrl: dev.storageUrl,
        appName: "Stolen",
      });
    } finally {
      await close();
    }
    const { exitCode, stdout } = await home.run([
      "inbox",
      "--profile",
      "old-phone",
    ]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/\d messages? of a Backup Account File/);
    expect(stdout).toContain("a file may answer requests, and nothing else");
    // The other app asked too, three times, and that is all that there is to answer.
    expect(stdout.match(/a device asks for your history/g)).toHaveLength(3);
    expect(stdout).toContain("Carryover (other-app)");
  });
});

/** Whoever has the file and its passphrase: its installation, with every right of the SDK, and no word of its role. */
async function stealFile() {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  const payload = Buffer.from(
    await decrypter.decrypt(await readFile(file), "uint8array"),
  );
  const databasePath = join(home.directory, "stolen.db3");
  await writeFile(
    databasePath,
    gunzipSync(payload.subarray(payload.indexOf("\n") + 1)),
  );
  const wallet = await loadWallet(locateHome(home.directory, {}), "alix");
  const client = await Client.create(signerOf(wallet), {
    ...carryoverClientOptions(),
    env: "local",
    apiUrl: dev.networkUrl,
    dbPath: databasePath,
  });
  const carryover = await createCarryover(client, {
    encryptionKey: randomBytes(32),
    allowedStorageOrigins: [dev.storageUrl],
  });
  return {
    carryover,
    close: async () => {
      await carryover.close();
      await client.close();
    },
  };
}

describe("other secrets", () => {
  it("a wallet's signature, whose text is shown", async () => {
    const path = join(home.directory, "wallet.age");
    const { stdout, exitCode } = await home.run(
      `account create ${path} --protect wallet --from-now-on --yes --profile old-phone`.split(
        " ",
      ),
    );
    expect(exitCode).toBe(0);
    // Shown once, though it is signed twice to see that it stays the same.
    expect(stdout.match(/Backup Account File, version 1/g)).toHaveLength(1);
    expect(await run(`account inspect ${path}`, 0, {})).toMatchObject({
      protection: { kind: "walletSignature" },
    });
    expect(
      await run(`account inspect ${path} --wallet alix`, 0, {}),
    ).toMatchObject({ summary: { sequence: 1 } });
    await run("wallet create mallory");
    expect(
      await run(`account inspect ${path} --wallet mallory`, 2, {}),
    ).toMatchObject({ error: { code: "wrongWallet" } });
    // The wallet that the account is known by signs where none is named.
    expect(
      await run(`account restore ${path} --profile new-phone`, 0, {}),
    ).toMatchObject({ fileState: "unchanged", facts: { copy: "newest" } });
  });

  it("an age identity, also for the newer copy", async () => {
    const path = join(home.directory, "identity.age");
    const key = join(home.directory, "identity.key");
    const secret = `--identity-file ${key}`;
    await run(
      `account create ${path} ${secret} --from-now-on --yes --profile old-phone`,
      0,
      {},
    );
    await run(`account refresh ${path} ${secret}`, 0, {});
    expect(await run(`account inspect ${path} ${secret}`, 0, {})).toMatchObject(
      { protection: { kind: "recipients" }, summary: { sequence: 2 } },
    );
  });
});

describe("an unfinished file", () => {
  it("killed in the middle, is told of, and its installation can be taken out", async () => {
    const path = join(home.directory, "killed.age");
    const args = `account create ${path} --yes --profile new-phone`.split(" ");
    const running = home.start(args, { env });
    await waitFor(
      "it to be registered",
      () => {
        if (running.child.exitCode !== null)
          throw new Error(`it ended: ${running.stdout()}`);
        return running.stdout().includes("✓ registering");
      },
      { everyMs: 1 },
    );
    running.child.kill("SIGKILL");
    await running.finished;
    await expect(stat(path)).rejects.toThrow("ENOENT");

    const { stderr } = await home.run(args.toSpliced(3, 1), {
      env,
      input: "n\n",
    });
    const [, installation = ""] =
      /account revoke --installation (\w+) --profile new-phone/.exec(stderr) ??
      [];
    expect(installation).toMatch(/^[0-9a-f]{16}$/);
    expect(
      await run(
        `account revoke --installation ${installation} --yes --profile new-phone`,
      ),
    ).toMatchObject({ outcome: "revoked" });
    const again = await home.run(args.toSpliced(3, 1), { env, input: "n\n" });
    expect(again.stderr).not.toContain("never finished");
    expect(await leftBehind()).toEqual([]);
  });
});

describe("revoking", () => {
  it("asks, then makes the file useless and says so everywhere", async () => {
    expect(
      await run(`account revoke ${file}`, 3, { env, input: "n\n" }),
    ).toMatchObject({ outcome: "undecided" });
    expect(await run(`account revoke ${file} --yes`)).toMatchObject({
      outcome: "revoked",
    });
    expect(await run(`account revoke ${file} --yes`)).toMatchObject({
      outcome: "alreadyRevoked",
    });
    for (const command of [
      `account verify ${file}`,
      `account restore ${file} --profile other-app`,
    ])
      expect(await run(command, 4)).toMatchObject({
        error: { code: "accountFileRevoked" },
      });
    expect(await run("account list")).toMatchObject({
      files: expect.arrayContaining([
        expect.objectContaining({ file, state: "revoked" }),
      ]) as unknown,
    });
  });

  it("needs no file for one that is lost", async () => {
    const { files } = (await run("account list")) as {
      files: { file: string; summary: { installationId: string } }[];
    };
    const lost = files.find((each) => each.file.endsWith("identity.age"));
    expect(
      await run(
        `account revoke --installation ${lost?.summary.installationId.slice(0, 8) ?? ""} --yes`,
        0,
        {},
      ),
    ).toMatchObject({ outcome: "revoked" });
    await run("account revoke", 2, {});
    await run("account revoke --installation 00000000 --profile new-phone", 2);
  });
});
