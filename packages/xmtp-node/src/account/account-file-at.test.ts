import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { accountFileAt } from "./account-file-at.js";

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "account-file-at-"));
  path = join(directory, "my phone.carryover");
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const streamOf = (...texts: string[]) =>
  new ReadableStream<Uint8Array>({
    pull(controller) {
      const text = texts.shift();
      if (text === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(text));
    },
  });

const write = (
  texts: string | readonly string[],
  ifThere: "refuse" | "replace" = "refuse",
  check: (written: ReadableStream<Uint8Array>) => Promise<void> = async (
    written,
  ) => {
    await written.cancel();
  },
) => accountFileAt(path).write(streamOf(...[texts].flat()), { ifThere, check });

const textAt = (at = path) => readFile(at, "utf8");

test("what is written can be opened again and again, by its owner alone", async () => {
  await write(["one ", "two"]);
  const place = accountFileAt(path);
  expect(await place.exists()).toBe(true);
  for (let time = 0; time < 2; time += 1)
    expect(await new Response(await place.open()).text()).toBe("one two");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readdir(directory)).toHaveLength(1);
});

test("what is checked is what is on the disk, whole, before it takes its place", async () => {
  await write("old");
  let checked = "";
  let meanwhile = "";
  await write(["new ", "file"], "replace", async (written) => {
    checked = await new Response(written).text();
    meanwhile = await textAt();
    for (const name of await readdir(directory))
      expect((await stat(join(directory, name))).mode & 0o077).toBe(0);
  });
  expect([checked, meanwhile, await textAt()]).toEqual([
    "new file",
    "old",
    "new file",
  ]);
});

test("a file that everybody could read is replaced by one that only its owner can", async () => {
  await writeFile(path, "old", { mode: 0o644 });
  await write("new", "replace");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test("what does not pass the check, or does not come to its end, leaves the old file and nothing else", async () => {
  await write("old");
  const failure = new Error("not what was written");
  await expect(
    write("new", "replace", () => Promise.reject(failure)),
  ).rejects.toBe(failure);
  const broken = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(70_000)),
    pull: (controller) => controller.error(failure),
  });
  await expect(
    accountFileAt(path).write(broken, {
      ifThere: "replace",
      check: async () => undefined,
    }),
  ).rejects.toBe(failure);
  expect(await textAt()).toBe("old");
  expect(await readdir(directory)).toHaveLength(1);
});

test("a file that is there is not touched, also when it comes while the new one is written", async () => {
  await expect(
    write("new", "refuse", () => writeFile(path, "somebody else's")),
  ).rejects.toMatchObject({ code: "accountFileExists" });
  expect(await textAt()).toBe("somebody else's");
  await expect(write("new")).rejects.toMatchObject({
    code: "accountFileExists",
  });
  expect(await readdir(directory)).toHaveLength(1);
});

test("a link stays a link, and the file that it leads to is replaced", async () => {
  const cloud = join(directory, "cloud");
  await mkdir(cloud);
  const target = join(cloud, "file");
  await writeFile(target, "old");
  await symlink(target, path);
  await write("new", "replace");
  expect(await readlink(path)).toBe(target);
  expect(await textAt(target)).toBe("new");
  expect(await readdir(cloud)).toEqual(["file"]);
  await expect(write("other")).rejects.toMatchObject({
    code: "accountFileExists",
  });
});

test("a link that leads nowhere is something that is there, and is replaced where that is asked for", async () => {
  await symlink(join(directory, "nowhere"), path);
  expect(await accountFileAt(path).exists()).toBe(true);
  await expect(write("new")).rejects.toMatchObject({
    code: "accountFileExists",
  });
  await write("new", "replace");
  expect((await lstat(path)).isFile()).toBe(true);
});

test("a directory in its place, or none around it, is an error of the disk, and nothing is lost", async () => {
  await mkdir(path);
  await writeFile(join(path, "inside"), "kept");
  await expect(write("new", "replace")).rejects.toMatchObject({
    code: "diskError",
  });
  await expect(write("new")).rejects.toMatchObject({
    code: "accountFileExists",
  });
  await expect(accountFileAt(path).open()).rejects.toMatchObject({
    code: "accountFileNotFound",
    message: "it is a directory, not a file",
  });
  expect(await textAt(join(path, "inside"))).toBe("kept");
  expect(await readdir(directory)).toHaveLength(1);
  let isCancelled = false;
  const unread = new ReadableStream<Uint8Array>({
    cancel: () => void (isCancelled = true),
  });
  await expect(
    accountFileAt(join(directory, "no", "where")).write(unread, {
      ifThere: "replace",
      check: async () => undefined,
    }),
  ).rejects.toMatchObject({ code: "diskError" });
  expect(isCancelled).toBe(true);
});

test("no file is said to be none", async () => {
  const place = accountFileAt(path);
  expect(await place.exists()).toBe(false);
  await expect(place.open()).rejects.toMatchObject({
    code: "accountFileNotFound",
  });
});

test("what is no file, or may not be read, is said to be that, at once", async () => {
  const opening = (at: string) => accountFileAt(at).open();
  const pipe = join(directory, "pipe");
  const made = spawn("mkfifo", [pipe]);
  await once(made, "close");
  for (const at of [pipe, "/dev/null"])
    await expect(opening(at)).rejects.toMatchObject({
      code: "accountFileNotFound",
      message: expect.stringContaining("a pipe or a device") as string,
    });
  await write("one");
  await expect(opening(join(path, "within"))).rejects.toMatchObject({
    code: "accountFileNotFound",
  });
});

test("whether anything can be written is found out by doing it, and leaves nothing", async () => {
  await accountFileAt(path).assertWritable?.(1_000);
  await write("old");
  await accountFileAt(path).assertWritable?.(1_000);
  expect(await readdir(directory)).toHaveLength(1);
  const missing = "there is no directory at the place";
  for (const at of [join(directory, "no", "where"), join(path, "within")])
    await expect(
      accountFileAt(at).assertWritable?.(1_000),
    ).rejects.toMatchObject({
      code: "diskError",
      message: expect.stringContaining(missing) as string,
    });
  await expect(
    accountFileAt("/proc/self/alix.backup").assertWritable?.(1_000),
  ).rejects.toMatchObject({ code: "diskError" });
});

/** Does something as somebody whom a file's mode means: the superuser may do everything. */
async function asOrdinaryPerson(work: () => Promise<void>): Promise<void> {
  const isSuperuser = process.geteuid?.() === 0;
  if (isSuperuser) process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    if (isSuperuser) process.seteuid?.(0);
  }
}

test("a directory that is read-only, and a file that may not be read, are said to be that, and nothing changes", async () => {
  await write("old");
  await chmod(directory, 0o555);
  await chmod(path, 0o644);
  await asOrdinaryPerson(async () => {
    const place = accountFileAt(path);
    expect(await new Response(await place.open()).text()).toBe("old");
    await expect(place.assertWritable?.(1_000)).rejects.toMatchObject({
      code: "diskError",
      message: expect.stringContaining("nothing can be written") as string,
    });
    await expect(write("new", "replace")).rejects.toMatchObject({
      code: "diskError",
    });
  });
  await chmod(path, 0o000);
  await asOrdinaryPerson(async () => {
    await expect(accountFileAt(path).open()).rejects.toMatchObject({
      code: "diskError",
      message: "there is no permission to read the Backup Account File",
    });
  });
  await chmod(directory, 0o755);
  await chmod(path, 0o644);
  expect(await textAt()).toBe("old");
  expect(await readdir(directory)).toHaveLength(1);
});

test("what a killed process left beside it is deleted, and nothing else", async () => {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  const id = "123e4567-e89b-42d3-a456-426614174000";
  const base = "my phone.carryover";
  const dead = `.${base}.${child.pid ?? 0}-${id}.partial`;
  const kept = [
    `.${base}.${process.ppid}-${id}.partial`,
    `.my phoneXcarryover.${child.pid ?? 0}-${id}.partial`,
    `.other.${child.pid ?? 0}-${id}.partial`,
    `.${base}.partial`,
    `${base}.partial`,
  ];
  for (const name of [dead, ...kept])
    await writeFile(join(directory, name), "x");
  await write("new");
  expect((await readdir(directory)).sort()).toEqual([base, ...kept].sort());
});

test("a disk on which a file cannot become large enough keeps the old one, and says so", async () => {
  await write("old");
  const program = `
    const { accountFileAt } = await import(${JSON.stringify(new URL("../../dist/index.js", import.meta.url).href)});
    const file = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });
    const error = await accountFileAt(process.argv[1]).write(file, { ifThere: "replace", check: async () => {} })
      .then(() => ({ code: "none" }), (reason) => reason);
    process.stdout.write(error.code);
  `;
  // 512 or 1,024 bytes each, as shells differ.
  const child = spawn(
    "sh",
    [
      "-c",
      `ulimit -f 512 && exec "$@"`,
      "sh",
      process.execPath,
      "--input-type=module",
      "-e",
      program,
      path,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let said = "";
  child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await once(child, "close");
  expect(said).toBe("diskError");
  expect(await textAt()).toBe("old");
  expect(await readdir(directory)).toHaveLength(1);
});
