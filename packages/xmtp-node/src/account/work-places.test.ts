import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import {
  mkdir,
  mkdtemp,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { waitFor } from "@carryover/testkit";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWorkPlaces } from "./work-places.js";

const run = promisify(execFile);

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "work-places-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

/** The shells that wait for the end of this process, as any user of the machine sees them. */
async function waitingShells(): Promise<string[]> {
  const { stdout } = await run("ps", ["-A", "-o", "ppid=,args="]);
  return stdout
    .split("\n")
    .map((line) => line.trim())
    .filter(
      (line) =>
        line.startsWith(`${process.pid} `) && line.includes("while read"),
    );
}

/** A process that has ended: its id is nobody's for a good while. */
async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid ?? 0;
}

/** What a killed process leaves: a place with its lock and a database. */
async function leaveBehind(name: string, pid: number): Promise<string> {
  const path = join(directory, name);
  await mkdir(path);
  await writeFile(
    join(path, "lock-000000000001"),
    JSON.stringify({ pid, token: "x" }),
  );
  await writeFile(join(path, "dormant.db3"), "SQLite format 3");
  return path;
}

test("a place is private, empty of others' things, and gone when it is let go", async () => {
  const places = await createWorkPlaces(directory);
  const [one, two] = [await places.take(), await places.take()];
  expect(one.path).not.toBe(two.path);
  expect((await stat(one.path)).mode & 0o777).toBe(0o700);
  await mkdir(join(one.path, "archives"));
  await writeFile(join(one.path, "archives", "a"), "x");
  await one.release();
  await one.release();
  expect(await readdir(directory)).toHaveLength(1);
  await two.release();
  expect(await readdir(directory)).toEqual([]);
});

test("what a dead process left is deleted by the next one", async () => {
  const pid = await deadProcess();
  await leaveBehind("carryover-work-Ab12Z9", pid);
  // It died before it had put anything there.
  await mkdir(join(directory, "carryover-work-000000"));
  await createWorkPlaces(directory);
  expect(await readdir(directory)).toEqual([]);
});

test("what a running process uses is left alone, this one's own too", async () => {
  const places = await createWorkPlaces(directory);
  const own = await places.take();
  const parent = await leaveBehind("carryover-work-Ab12Z9", process.ppid);
  await createWorkPlaces(directory);
  expect(
    (await readdir(directory)).map((name) => join(directory, name)).sort(),
  ).toEqual([own.path, parent].sort());
  await own.release();
});

test("nothing is deleted that was not made here, whatever its name", async () => {
  const outside = await mkdtemp(join(tmpdir(), "work-places-"));
  await writeFile(join(outside, "diary"), "dear diary");
  const foreign = [
    "work-2026",
    "work-abcdef",
    "carryover-work-",
    "carryover-work-abcdefg",
    "carryover-work-ab_def",
    "scratch",
  ];
  // With a lock of a process that is gone: other directories of the product have such, too.
  const pid = await deadProcess();
  for (const name of foreign) await leaveBehind(name, pid);
  // Of the right name, and still not from here: a person's own directory, a file, a way out.
  await mkdir(join(directory, "carryover-work-person"));
  await writeFile(join(directory, "carryover-work-person", "thesis"), "years");
  await writeFile(join(directory, "carryover-work-afile0"), "notes");
  await symlink(outside, join(directory, "carryover-work-linked"));
  const before = (await readdir(directory, { recursive: true })).sort();
  await createWorkPlaces(directory);
  expect((await readdir(directory, { recursive: true })).sort()).toEqual(
    before,
  );
  expect(await readdir(outside)).toEqual(["diary"]);
  await rm(outside, { recursive: true });
});

test("a place goes with the process that has it, however that one dies; nothing else does", async () => {
  const program = `
    const { createWorkPlaces } = await import(process.argv[1]);
    const place = await (await createWorkPlaces(process.argv[2])).take();
    const { mkdir, writeFile } = await import("node:fs/promises");
    await mkdir(place.path + "/archives");
    await writeFile(place.path + "/dormant.db3", "SQLite format 3");
    await writeFile(place.path + "/archives/one", "x");
    process.stdout.write(place.path);
    if (process.argv[3] !== "ends") setInterval(() => undefined, 1000);
  `;
  const kept = join(directory, "kept");
  await writeFile(kept, "x");
  for (const how of ["SIGKILL", "SIGTERM", "SIGHUP", "ends"] as const) {
    const child = spawn(
      process.execPath,
      [
        ...["--input-type=module", "-e", program],
        new URL("../../dist/account/work-places.js", import.meta.url).href,
        directory,
        how,
      ],
      { stdio: ["ignore", "pipe", "inherit"], detached: true },
    );
    const closed = once(child, "close");
    const [path] = (await once(child.stdout, "data")) as [Buffer];
    if (how !== "ends") {
      expect(readdirSync(path.toString()), how).toContain("dormant.db3");
      // The whole group, as a terminal or a supervisor does.
      process.kill(-(child.pid ?? 0), how);
    }
    await closed;
    await waitFor("the place to be gone", () => !existsSync(path.toString()));
    expect(await readdir(directory)).toEqual(["kept"]);
  }
});

test("the waiting for a death says nothing of where it is, and ends with the place", async () => {
  const places = await createWorkPlaces(directory);
  const place = await places.take();
  const shells = await waitingShells();
  expect(shells).toHaveLength(1);
  expect(shells[0]).toContain(basename(place.path));
  expect(shells[0]).not.toContain(directory);
  await place.release();
  await waitFor("it to end", async () => (await waitingShells()).length === 0);
});

test("where no process can be started a place is had all the same, and is gone when it is let go", async () => {
  const path = process.env["PATH"];
  // More than any system gives to a process.
  process.env["PATH"] = "x".repeat(4 * 1024 ** 2);
  try {
    const places = await createWorkPlaces(directory);
    const place = await places.take();
    await writeFile(join(place.path, "dormant.db3"), "SQLite format 3");
    await place.release();
  } finally {
    process.env["PATH"] = path;
  }
  expect(await readdir(directory)).toEqual([]);
});

test("many may begin at once in the same directory", async () => {
  const pid = await deadProcess();
  for (const name of ["Ab12Z0", "Ab12Z1", "Ab12Z2"])
    await leaveBehind(`carryover-work-${name}`, pid);
  const places = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const made = await createWorkPlaces(directory);
      return await made.take();
    }),
  );
  expect(new Set(places.map(({ path }) => path)).size).toBe(8);
  expect(await readdir(directory)).toHaveLength(8);
  for (const place of places) {
    await stat(place.path);
    await place.release();
  }
});

test("a place that cannot be made is an error of the disk", async () => {
  const file = join(directory, "file");
  await writeFile(file, "");
  await expect(createWorkPlaces(file)).rejects.toMatchObject({
    code: "diskError",
  });
  const places = await createWorkPlaces(directory);
  await rm(directory, { recursive: true });
  await expect(places.take()).rejects.toMatchObject({ code: "diskError" });
});
