import {
  chmod,
  mkdir,
  readFile,
  readdir,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type CommandOptions,
  createTestHome,
  program,
  type TestHome,
} from "./testing/command.js";
import { atTerminal } from "./testing/terminal.js";

let home: TestHome;

beforeAll(async () => {
  home = await createTestHome();
});

afterAll(() => home.remove());

describe("the command line", () => {
  it("says what there is, in 80 columns", async () => {
    const { exitCode, stdout, stderr } = await home.run(["--help"]);
    expect(exitCode).toBe(0);
    expect(stderr).toBe("");
    for (const command of ["demo", "dev", "request", "inbox", "approve"])
      expect(stdout).toContain(`  ${command} `);
    expect(
      Math.max(...stdout.split("\n").map((line) => line.length)),
    ).toBeLessThanOrEqual(80);
  });

  it.each([
    [["bogus"], "unknown command 'bogus'"],
    [["chats", "--profile", "../x"], "not a name for a profile"],
    [["messages"], "missing required argument"],
    [["dev", "--grpc-port", "x"], "Expected a whole number"],
    [["init", "--profile", "a"], "required option '--wallet <name>'"],
    [
      ["init", "--profile", "a", "--wallet", "a", "--app-name", "Cha\u200bt"],
      "the name holds invisible characters",
    ],
    [
      ["init", "--profile", "a", "--wallet", "a", "--app-name", "a\nb"],
      "control characters and",
    ],
  ])("%j is wrong usage", async (args, message) => {
    const { exitCode, stdout, stderr } = await home.run(args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
  });

  it("says wrong usage in JSON to a program", async () => {
    const finished = await home.run(["chats", "--bogus", "--json"]);
    expect(finished.exitCode).toBe(2);
    expect(finished.json()).toMatchObject({
      ok: false,
      error: {
        code: "usage",
        message: "unknown option '--bogus'",
        exitCode: 2,
      },
    });
    expect(finished.stderr).toBe("");
  });

  it("names the profile that is not there, and how to make it", async () => {
    const { exitCode, stderr } = await home.run(["inbox", "--profile", "nope"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("there is no profile named nope");
    expect(stderr).toContain("carryover init --profile nope");
  });

  it("hints at what can be typed: as it was started, and for the same home", async () => {
    const args = ["inbox", "--profile", "nope", "--home", home.temporary];
    const said = async (options?: CommandOptions) => {
      const { stderr } = await home.run(args, options);
      return stderr.replaceAll(/\s+/g, " ");
    };
    const sameHome = ` --home ${home.temporary}`;
    expect(await said()).toContain(`"npx carryover profiles${sameHome}"`);
    const bin = join(home.temporary, "bin");
    await mkdir(bin);
    await symlink(program, join(bin, "carryover"));
    expect(
      await said({
        program: join(bin, "carryover"),
        env: { PATH: `${bin}:${process.env["PATH"] ?? ""}` },
      }),
    ).toContain(`"carryover profiles${sameHome}"`);
    expect(
      await said({ program: join(bin, "carryover"), directory: bin }),
    ).toContain(`"node carryover profiles${sameHome}"`);
  });
});

describe("wallets", () => {
  const key =
    "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";
  const address = "0x2c7536e3605d9c16a7a3d7b1898e529396a65c23";

  it("come from a prompt, a file or the environment, and are never shown", async () => {
    const keyFile = join(home.temporary, "key");
    await writeFile(keyFile, `0x${key}\n`, { mode: 0o600 });
    const results = [
      await home.run(["wallet", "import", "piped"], { input: `${key}\n` }),
      await home.run(["wallet", "import", "filed", "--key-file", keyFile]),
      await home.run(["wallet", "import", "given"], {
        env: { CARRYOVER_WALLET_KEY: key },
      }),
    ];
    for (const { exitCode, stdout, stderr } of results) {
      expect(exitCode).toBe(0);
      expect(stdout).toContain(address);
      expect(stdout + stderr).not.toContain(key);
    }
    const { exitCode, stdout } = await home.run(["wallet", "list", "--json"]);
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      wallets: ["filed", "given", "piped"].map((name) => ({ name, address })),
    });
    const directory = join(home.directory, "wallets");
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    for (const file of await readdir(directory))
      expect((await stat(join(directory, file))).mode & 0o777).toBe(0o600);
  });

  it("typed at a terminal stay invisible", async () => {
    const terminal = atTerminal(home, ["wallet", "import", "typed"]);
    await terminal.sees("Private key (not shown): ");
    terminal.types(`${key}\r`);
    expect(await terminal.ended).toBe(0);
    expect(terminal.screen()).toContain(address);
    expect(terminal.screen()).not.toContain(key.slice(0, 8));
  });

  it("are not overwritten, and a wrong key is not stored or quoted", async () => {
    expect((await home.run(["wallet", "create", "once"])).exitCode).toBe(0);
    const path = join(home.directory, "wallets", "once.json");
    const before = await readFile(path, "utf8");
    const again = await home.run(["wallet", "create", "once"]);
    expect(again.exitCode).toBe(2);
    expect(again.stderr).toContain("It was left as it is.");
    expect(await readFile(path, "utf8")).toBe(before);

    const wrong = await home.run(["wallet", "import", "wrong"], {
      input: "my-seed-phrase\n",
    });
    expect(wrong.exitCode).toBe(2);
    expect(wrong.stdout + wrong.stderr).not.toContain("my-seed-phrase");
    expect(await readdir(join(home.directory, "wallets"))).not.toContain(
      "wrong.json",
    );
  });

  it("that others can read are refused", async () => {
    await home.run(["wallet", "create", "open"]);
    await chmod(join(home.directory, "wallets", "open.json"), 0o640);
    const { exitCode, stderr } = await home.run([
      "init",
      "--profile",
      "p",
      "--wallet",
      "open",
    ]);
    expect(exitCode).toBe(4);
    expect(stderr).toContain("chmod 600");
  });

  it("are not taken from a file that others can read", async () => {
    const keyFile = join(home.temporary, "key that all can read");
    await writeFile(keyFile, `${key}\n`);
    await chmod(keyFile, 0o644);
    const { exitCode, stdout, stderr } = await home.run([
      ...["wallet", "import", "shared", "--key-file", keyFile],
    ]);
    expect(exitCode).toBe(4);
    expect(stdout + stderr).not.toContain(key);
    expect(stderr).toContain("chmod 600");
    expect((await home.run(["wallet", "list"])).stdout).not.toContain("shared");
  });

  it("that are directories are refused, and nobody is told to lock themselves out of one", async () => {
    const { exitCode, stderr } = await home.run([
      ...["wallet", "import", "alix", "--key-file", home.temporary],
    ]);
    expect(exitCode).toBe(2);
    expect(stderr.replaceAll(/\s+/g, "")).toContain("isadirectory");
    expect(stderr).not.toContain("chmod");
  });
});

describe("without a network", () => {
  it("init says what to start, and leaves nothing half made", async () => {
    await home.run(["wallet", "create", "alix"]);
    const { exitCode, stderr } = await home.run([
      "init",
      "--profile",
      "phone",
      "--wallet",
      "alix",
      // Nobody listens on the discard port.
      "--network-url",
      "http://127.0.0.1:9",
    ]);
    expect(exitCode).toBe(5);
    expect(stderr).toContain("does not answer at http://127.0.0.1:9");
    expect(stderr.replaceAll(/\s+/g, " ")).toContain(
      '"npx carryover dev" in another',
    );
    expect((await home.run(["profiles", "--json"])).json()).toMatchObject({
      profiles: [],
    });
  });
});
