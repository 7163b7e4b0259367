import { copyFile, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  armor,
  Encrypter,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestHome, type TestHome } from "../testing/command.js";

const vectors = new URL("../../../../vectors/", import.meta.url);

/** A file and the identity that opens it. */
interface Sample {
  readonly file: string;
  readonly key: string;
}

let home: TestHome;
let accountFile: Sample;
let backupFile: Sample;
let letter: Sample;

beforeAll(async () => {
  home = await createTestHome();
  await home.runWarm(["profiles"]);
  const place = (name: string) => join(home.temporary, name);
  const keep = async (name: string, identity: string): Promise<Sample> => {
    const sample = { file: place(`${name}.age`), key: place(`${name}.key`) };
    await writeFile(sample.key, `${identity}\n`, { mode: 0o600 });
    return sample;
  };
  const json = async (path: string): Promise<unknown> =>
    JSON.parse(await readFile(new URL(path, vectors), "utf8"));

  const { cases } = (await json("account-file/files.json")) as {
    cases: { file: string; secret: { identity: string } }[];
  };
  accountFile = await keep(
    "account",
    cases.find(({ file }) => file === "age-identity")?.secret.identity ?? "",
  );
  await writeFile(
    accountFile.file,
    armor.decode(
      await readFile(new URL("account-file/age-identity.age", vectors), "utf8"),
    ),
  );

  const backup = new URL("message-backup-file/files/valid.age", vectors);
  const { identity } = (await json("message-backup-file/files/valid.json")) as {
    identity: string;
  };
  backupFile = await keep("backup", identity);
  await copyFile(backup, backupFile.file);

  const own = await generateX25519Identity();
  letter = await keep("letter", own);
  const encrypter = new Encrypter();
  encrypter.addRecipient(await identityToRecipient(own));
  await writeFile(letter.file, await encrypter.encrypt("Dear Bo, …"));
});

afterAll(() => home.remove());

const run = (line: string, { file, key }: Sample) =>
  home.runWarm([...line.split(" "), file, "--identity-file", key]);

const runForProgram = async (line: string, sample: Sample) => {
  const finished = await run(`${line} --json`, sample);
  return { exitCode: finished.exitCode, ...finished.json() };
};

describe("where a Backup Account File is wanted", () => {
  const commands = ["account inspect", "account verify", "account refresh"];

  it.each(commands)(
    "%s says of a Message Backup File that it is one, and what looks at it",
    async (command) => {
      expect(await runForProgram(command, backupFile)).toMatchObject({
        exitCode: 2,
        error: {
          code: "notAccountFile",
          message: "this is a Message Backup File, not a Backup Account File",
        },
      });
      const { stdout, stderr } = await run(command, backupFile);
      expect(stdout).not.toContain("Backup Account File");
      expect(stderr).toMatch(/Look at it with:\s+\S.* inspect FILE/);
    },
  );

  it.each(commands)(
    "%s says of anything else that opens that it is none",
    async (command) => {
      expect(await runForProgram(command, letter)).toMatchObject({
        exitCode: 2,
        error: { code: "notAccountFile" },
      });
      const { stdout, stderr } = await run(command, letter);
      expect(stdout).not.toContain("Backup Account File");
      expect(stderr).toContain("This is not a Backup Account File");
    },
  );

  it("account inspect says of one that was opened that it is one", async () => {
    expect((await run("account inspect", accountFile)).stdout).toContain(
      "✓ A Backup Account File, version 1: whole",
    );
    expect(await runForProgram("account inspect", accountFile)).toMatchObject({
      exitCode: 0,
      contents: "verified",
    });
  });

  it("account inspect says of one that was not opened only what everybody can see", async () => {
    for (const { file } of [accountFile, backupFile, letter]) {
      const { exitCode, stdout } = await home.runWarm([
        ...["account", "inspect", file],
      ]);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^An age file, [\d.]+ k?B\.$/m);
      expect(stdout).toContain("opens with   an age identity");
      expect(stdout).toContain(
        "Whether it is a Backup Account File shows when it is opened",
      );
      expect(stdout).not.toMatch(/^A Backup Account File/m);
      const seen = await home.runWarm(["account", "inspect", file, "--json"]);
      expect(seen.json()).toMatchObject({ contents: "notOpened" });
    }
  });
});

describe("where a Message Backup File is wanted", () => {
  it("inspect says of a Backup Account File that it is one, and what looks at it", async () => {
    expect(await runForProgram("inspect", accountFile)).toMatchObject({
      exitCode: 2,
      error: {
        code: "codecUnsupported",
        message: "this is a Backup Account File, not a Message Backup File",
      },
    });
    expect((await run("inspect", accountFile)).stderr).toMatch(
      /Look at it with:\s+\S.* account inspect --open FILE/,
    );
  });

  it("import says of what is no backup at all that it is none, and asks for no secret", async () => {
    const { exitCode, stderr } = await home.runWarm(["import", letter.key]);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(
      /is neither a\s+Message\s+Backup\s+File\s+nor\s+an\s+XMTP\s+archive/,
    );
    expect(stderr).toContain("Nothing was opened.");
  });

  it("inspect says of anything else that opens that it is none, or a newer one", async () => {
    expect(await runForProgram("inspect", letter)).toMatchObject({
      exitCode: 4,
      error: {
        code: "codecUnsupported",
        advice: expect.stringContaining(
          "This is no Message Backup File, or one that a newer version made.",
        ) as string,
      },
    });
  });
});
