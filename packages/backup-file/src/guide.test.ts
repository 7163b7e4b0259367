import { execFile } from "node:child_process";
import {
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  writeFile,
} from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MessageBackupSchema } from "./gen/carryover/backup_file/v1/message_backup_pb.js";

// What docs/guide/open-a-backup-file.md tells people to run is run here, as it stands there.

const run = promisify(execFile);
const root = new URL("../../../", import.meta.url);
const vectors = new URL("vectors/message-backup-file/files/", root);
// Below node_modules, so that the guide's program finds its one dependency.
const builds = fileURLToPath(new URL("node_modules/.carryover-test/", root));
let directory: string;
let guide: string;

beforeAll(async () => {
  await mkdir(builds, { recursive: true });
  directory = await mkdtemp(join(builds, "guide-"));
  guide = await readFile(
    new URL("docs/guide/open-a-backup-file.md", root),
    "utf8",
  );
  // The program named age, as far as the guide uses it, on the library of that name: not everybody has the tool.
  await writeFile(
    join(directory, "age"),
    [
      "#!/usr/bin/env node",
      'import("age-encryption").then(async ({ Decrypter }) => {',
      '  const { readFileSync } = await import("node:fs");',
      "  const [decrypt, identity, keyFile, file] = process.argv.slice(2);",
      '  if (decrypt !== "--decrypt" || identity !== "--identity") throw new Error("unknown option");',
      "  const decrypter = new Decrypter();",
      '  const keys = readFileSync(keyFile, "utf8").split("\\n").filter((line) => line && !line.startsWith("#"));',
      "  for (const key of keys) decrypter.addIdentity(key);",
      "  process.stdout.write(await decrypter.decrypt(readFileSync(file)));",
      "});",
      "",
    ].join("\n"),
    { mode: 0o755 },
  );
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const codeBlock = (language: string, containing: string): string => {
  const blocks = [...guide.matchAll(/```(\w+)\n(.*?)```/gs)].filter(
    ([, kind, code]) => kind === language && code?.includes(containing),
  );
  const code = blocks[0]?.[2];
  if (blocks.length !== 1 || code === undefined)
    throw new Error(`expected one block of ${language} with ${containing}`);
  return code;
};

/** Puts a vector's file and key where the guide expects them. */
const prepare = async (name: string): Promise<void> => {
  const { identity } = JSON.parse(
    await readFile(new URL(`${name}.json`, vectors), "utf8"),
  ) as { identity: string };
  await writeFile(
    join(directory, "key.txt"),
    `# created: today\n${identity}\n`,
  );
  await copyFile(
    new URL(`${name}.age`, vectors),
    join(directory, "backup.age"),
  );
};
const opened = async (): Promise<number> => {
  const bytes = await readFile(join(directory, "backup.binpb"));
  const { header, elements, manifest } = fromBinary(MessageBackupSchema, bytes);
  expect(header?.format).toBe("carryover/message-backup");
  expect(manifest?.elementCount).toBe(BigInt(elements.length));
  return elements.length;
};

describe("the guide to opening a file without Carryover", () => {
  it.each(["valid", "valid-hybrid", "valid-large-messages"])(
    "has a program for Node that opens one (%s)",
    async (name) => {
      await prepare(name);
      const program = codeBlock("js", "age-encryption");
      await writeFile(join(directory, "open-backup.mjs"), program);
      const command = /`(node open-backup\.mjs [^`]*)`/.exec(guide)?.[1];
      await run("sh", ["-c", command ?? "false"], { cwd: directory });
      expect(await opened()).toBeGreaterThan(2);
    },
  );

  it("has a command line that opens one", async () => {
    await prepare("valid");
    await run("sh", ["-c", codeBlock("sh", "age --decrypt")], {
      cwd: directory,
      env: {
        ...process.env,
        PATH: `${directory}${delimiter}${process.env.PATH}`,
      },
    });
    expect(await opened()).toBe(8);
  });

  it("names the folders and the message that are there", async () => {
    const command = codeBlock("sh", "protoc --decode");
    for (const word of [
      "packages/backup-file/proto",
      "carryover/backup_file/v1/message_backup.proto",
      MessageBackupSchema.typeName,
    ])
      expect(command).toContain(word);
    await readFile(
      new URL(
        "packages/backup-file/proto/carryover/backup_file/v1/message_backup.proto",
        root,
      ),
    );
  });

  it("has a command line for buf that shows one as JSON", async () => {
    await prepare("valid");
    const plain = join(directory, "backup.binpb");
    await run("sh", ["-c", codeBlock("sh", "age --decrypt")], {
      cwd: directory,
      env: {
        ...process.env,
        PATH: `${directory}${delimiter}${process.env.PATH}`,
      },
    });
    const command = codeBlock("sh", "buf convert").replace(
      "backup.binpb",
      plain,
    );
    const { stdout } = await run("sh", ["-c", command], {
      cwd: fileURLToPath(root),
      env: {
        ...process.env,
        PATH: `${fileURLToPath(new URL("node_modules/.bin", root))}${delimiter}${process.env.PATH}`,
      },
    });
    expect(JSON.parse(stdout)).toMatchObject({
      header: { format: "carryover/message-backup" },
      elements: { length: 8 },
      manifest: { messageCount: "3" },
    });
  });
});
