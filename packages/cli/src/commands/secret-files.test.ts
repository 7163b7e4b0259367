import {
  chmod,
  copyFile,
  mkdir,
  readFile,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { armor, generateX25519Identity } from "age-encryption";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestHome, type TestHome } from "../testing/command.js";

const vector = (path: string) =>
  fileURLToPath(new URL(`../../../../vectors/${path}`, import.meta.url));

let home: TestHome;
const place = (name: string) => join(home.temporary, name);

/** What can be wrong with a file that should hold a secret, and what the command ends with and says. */
const wrongFiles = [
  ["is not there", 2, "none", "fileMissing"],
  ["is a directory", 2, "directory", "usage"],
  ["is a link to itself", 2, "loop", "fileUnreadable"],
  ["holds something else", 2, "text", "fileUnreadable"],
  ["holds bytes that are no text", 2, "binary", "fileUnreadable"],
  ["is empty", 2, "empty", "fileUnreadable"],
  ["can be read by others", 4, "open", "notPrivate"],
] as const;

beforeAll(async () => {
  home = await createTestHome();
  await home.runWarm(["profiles"]);
  const write = (name: string, content: string | Uint8Array) =>
    writeFile(place(name), content, { mode: 0o600 });
  const key = await generateX25519Identity();
  await mkdir(place("directory"));
  await symlink("loop", place("loop"));
  await write("text", "no key at all\n");
  await write("binary", Uint8Array.of(0xff, 0, 0xfe, 10, 0xc3));
  await write("empty", "");
  await write("two", `${key}\n${key}\n`);
  await write("another", `${key}\n`);
  await write("open", `${key}\n`);
  await chmod(place("open"), 0o644);
  await copyFile(
    vector("message-backup-file/files/valid.age"),
    place("backup.age"),
  );
  await copyFile(
    vector("message-backup-file/archives/valid.bin"),
    place("archive.bin"),
  );
  for (const name of ["age-identity", "passphrase"])
    await writeFile(
      place(`${name}.age`),
      armor.decode(await readFile(vector(`account-file/${name}.age`), "utf8")),
    );
});

afterAll(() => home.remove());

async function run(...args: string[]) {
  const finished = await home.runWarm([...args, "--json"]);
  return { exitCode: finished.exitCode, ...finished.json() };
}

describe.each([
  ["inspect", "backup.age", "--identity-file"],
  ["account inspect", "age-identity.age", "--identity-file"],
  ["inspect", "archive.bin", "--archive-key-file"],
])("%s %s %s", (command, file, option) => {
  it.each(wrongFiles)("that %s: status %i", async (_, exitCode, name, code) => {
    expect(
      await run(...command.split(" "), place(file), option, place(name)),
    ).toMatchObject({ exitCode, error: { code, exitCode } });
  });
});

describe.each([
  ["inspect", "backup.age", "identityMismatch"],
  ["account inspect", "age-identity.age", "wrongIdentity"],
])("%s %s with an identity file", (command, file, mismatch) => {
  it.each([
    ["of another file", "another", mismatch],
    ["of two identities", "two", "fileUnreadable"],
  ])("%s: status 2", async (_, name, code) => {
    expect(
      await run(...command.split(" "), place(file), "-i", place(name)),
    ).toMatchObject({ exitCode: 2, error: { code } });
  });
});

describe.each([
  ["a passphrase file", ["account", "inspect"], "--passphrase-file"],
  ["a wallet's key file", ["wallet", "import", "alix"], "--key-file"],
])("%s", (_what, command, option) => {
  it.each(wrongFiles.slice(0, 3))(
    "that %s: status %i",
    async (_, exitCode, name, code) => {
      const file = command[0] === "account" ? [place("passphrase.age")] : [];
      expect(await run(...command, ...file, option, place(name))).toMatchObject(
        { exitCode, error: { code, exitCode } },
      );
    },
  );
});

describe("the file itself", () => {
  it.each([
    ["is not there", "none", "fileMissing"],
    ["is a directory", "directory", "fileUnreadable"],
    ["is a link to itself", "loop", "fileUnreadable"],
    ["is of no kind that is known", "text", "fileUnreadable"],
  ])("that %s: status 2", async (_, name, code) => {
    expect(
      await run("inspect", place(name), "-i", place("another")),
    ).toMatchObject({ exitCode: 2, error: { code } });
  });
});

describe.each(["inspect", "account inspect", "account verify"])(
  "%s of what is no file to open",
  (command) => {
    it.each([
      ["none", "fileMissing", "there is no file "],
      ["directory", "fileUnreadable", " is a directory, not a file"],
      ["empty", "fileUnreadable", " is empty"],
      ["loop", "fileUnreadable", " cannot be read: "],
    ])("%s: named, with one advice", async (name, code, message) => {
      const { exitCode, error } = (await run(
        ...command.split(" "),
        place(name),
      )) as {
        exitCode: number;
        error?: { code: string; message: string; advice: string };
      };
      expect({ exitCode, code: error?.code }).toEqual({ exitCode: 2, code });
      expect(error?.message).toContain(message);
      expect(error?.message).toContain(place(name));
      expect(error?.advice).toMatch(/^Nothing was (opened|changed)\./);
      expect(error?.advice).not.toMatch(/There is no file|free space/);
    });
  },
);
