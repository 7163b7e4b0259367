import { spawn, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import {
  afterTest,
  authorize,
  store,
  temporaryDirectory,
  until,
  upload,
} from "./testing/provider-fixture.js";
import { multipartBody, rawClient, uploadHead } from "./testing/raw-client.js";

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));

function start(
  args: readonly string[],
  env: Record<string, string>,
): ChildProcess {
  const child = spawn(process.execPath, [program, ...args], {
    env: {
      PATH: process.env.PATH ?? "",
      ...Object.fromEntries(
        Object.entries(env).map(([name, value]) => [
          `CARRYOVER_STORAGE_${name}`,
          value,
        ]),
      ),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  afterTest(async () => {
    child.kill("SIGKILL");
  });
  return child;
}

async function run(args: readonly string[], env: Record<string, string>) {
  const child = start(args, env);
  const [out, err] = [child.stdout, child.stderr].map((stream) =>
    stream === null ? "" : text(stream),
  );
  const [code] = (await once(child, "close")) as [number | null];
  return { code, out: await out, err: await err };
}

async function serve(env: Record<string, string>) {
  const child = start([], { AUTHORIZATION: "open", PORT: "0", ...env });
  let [out, err] = ["", ""];
  child.stdout?.on("data", (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
  await until(
    "it listens",
    () => /listening on http/.test(err) || child.exitCode !== null,
  );
  const url = /listening on (\S+)/.exec(err)?.[1] ?? "";
  return { child, url, out: () => out, err: () => err };
}

test("it serves, logs lines of JSON without secrets, keeps its ticket secret, and stops when asked", async () => {
  const directory = await temporaryDirectory();
  const first = await serve({ DIRECTORY: directory });
  const stored = await store(first.url, Buffer.from("kept"));
  const pending = await authorize(first.url);
  first.child.kill("SIGTERM");
  expect(await once(first.child, "exit")).toEqual([0, null]);
  const events = first
    .out()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; route?: string });
  expect(events.map(({ event }) => event)).toEqual([
    "listening",
    "request",
    "request",
    "request",
    "stopped",
  ]);
  for (const secret of [
    new URL(stored.uploadUrl).search.slice(8),
    new URL(stored.downloadUrl).pathname.slice(9),
    stored.receiptKey,
    readFileSync(join(directory, "ticket-secret"), "utf8").trim(),
    "127.0.0.1",
  ]) {
    expect(first.out()).not.toContain(secret);
  }
  expect(statSync(join(directory, "ticket-secret")).mode & 0o777).toBe(0o600);

  const second = await serve({ DIRECTORY: directory });
  const moved = (url: string) => url.replace(first.url, second.url);
  expect(await (await fetch(moved(stored.downloadUrl))).text()).toBe("kept");
  expect(
    (await upload(moved(pending.uploadUrl), Buffer.from("x"))).status,
  ).toBe(201);
});

test("asked to stop, it lets an upload under way finish and takes no new one", async () => {
  const { child, url } = await serve({ DIRECTORY: await temporaryDirectory() });
  const { uploadUrl } = await authorize(url);
  const body = multipartBody(randomBytes(100_000));
  const client = await rawClient(url);
  client.send(
    uploadHead(uploadUrl, [
      "Content-Type: multipart/form-data; boundary=b0undary",
      `Content-Length: ${body.byteLength}`,
      "Expect: 100-continue",
    ]),
  );
  await client.receive("100 Continue");
  client.send(body.subarray(0, 50_000));
  child.kill("SIGTERM");
  await until("it takes no new connections", () =>
    fetch(url).then(
      () => false,
      () => true,
    ),
  );
  client.send(body.subarray(50_000));
  await client.receive("HTTP/1.1 201 ");
  expect(await once(child, "exit")).toEqual([0, null]);
});

test("asked to stop while an upload hangs, it cuts it after the grace and leaves nothing", async () => {
  const directory = await temporaryDirectory();
  const { child, url } = await serve({
    DIRECTORY: directory,
    CLOSE_GRACE_SECONDS: "1",
  });
  const { uploadUrl } = await authorize(url);
  const client = await rawClient(url);
  client.send(
    uploadHead(uploadUrl, [
      "Content-Type: multipart/form-data; boundary=b0undary",
      "Content-Length: 500000",
    ]),
  );
  client.send(multipartBody(randomBytes(500_000)).subarray(0, 400_000));
  await until(
    "it has begun",
    () => readdirSync(join(directory, "incoming")).length === 1,
  );
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
  expect(readdirSync(join(directory, "incoming"))).toEqual([]);
  expect(readdirSync(join(directory, "blobs"))).toEqual([]);
});

test("wrong settings and arguments end with 2 and say what is wrong", async () => {
  const settings = await run([], { PORT: "x" });
  expect(settings.code).toBe(2);
  expect(settings.err).toContain("CARRYOVER_STORAGE_PORT");
  expect(settings.out).toBe("");
  expect((await run(["--nope"], {})).code).toBe(2);
  expect((await run(["--config", "/nowhere"], {})).code).toBe(2);
  expect(
    await run(["--check"], { DIRECTORY: "/x", AUTHORIZATION: "open" }),
  ).toMatchObject({ code: 0, out: "the settings are valid\n" });
  const checked = await run(["--check"], {
    DIRECTORY: "/x",
    AUTHORIZATION: "apiKey",
    API_KEYS: "short",
    TRUSTED_PROXIES: "x",
  });
  expect(checked.code).toBe(2);
  expect(checked.err).toContain("CARRYOVER_STORAGE_API_KEYS");
  expect(checked.err).toContain("CARRYOVER_STORAGE_TRUSTED_PROXIES");
  expect((await run(["--help"], {})).out).toContain("--config FILE");
});

test("what it needs and does not reach is named, with what to look at", async () => {
  const env = { AUTHORIZATION: "open", PORT: "0" };
  const noRedis = await run([], {
    ...env,
    DIRECTORY: await temporaryDirectory(),
    REDIS_URL: "redis://127.0.0.1:1",
  });
  expect(noRedis.code).toBe(1);
  expect(noRedis.err).toContain("Check that what the message names is there");
  const { url } = await serve({ DIRECTORY: await temporaryDirectory() });
  const portTaken = await run([], {
    ...env,
    DIRECTORY: await temporaryDirectory(),
    PORT: new URL(url).port,
  });
  expect(portTaken.code).toBe(1);
  expect(portTaken.err).toContain("EADDRINUSE");
  expect(portTaken.err).toContain("Check that what the message names is there");
});

test("a directory in use ends with 1", async () => {
  const directory = await temporaryDirectory();
  await serve({ DIRECTORY: directory });
  const second = await run([], {
    DIRECTORY: directory,
    AUTHORIZATION: "open",
    PORT: "0",
  });
  expect(second.code).toBe(1);
  expect(second.err).toContain("another running instance");
});
