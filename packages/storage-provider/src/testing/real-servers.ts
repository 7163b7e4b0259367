import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, test } from "vitest";
import { lockDirectory, type DirectoryLock } from "../directory-lock.js";
import { bodyOf, createS3Client, type S3Location } from "../s3-client.js";
import { StorageProviderError } from "../storage-provider-error.js";
import { until } from "./provider-fixture.js";

/** A server in processes of its own. */
export interface RealServer {
  /** Kills it as a power cut would. */
  stop(): Promise<void>;
  /** Starts it again, where it was and with what it had. */
  start(): Promise<void>;
}

/** A Redis without persistence. */
export interface RealRedis extends RealServer {
  readonly url: string;
}

/** An object store with an empty bucket. */
export interface RealObjectStore extends RealServer {
  readonly location: S3Location;
}

const script = fileURLToPath(
  new URL("../../soak/real-servers.sh", import.meta.url),
);
const installTimeoutMs = 90_000;
const startTimeoutMs = 60_000;

/**
 * Defines tests that need a real Redis. It is installed where it can be; where it cannot, one line says so, and with `CI`
 * in the environment one test fails.
 */
export async function withRealRedis(
  suite: (redis: RealRedis) => void | Promise<void>,
): Promise<void> {
  if (!(await installed("Redis", "redis"))) return;
  const redis = await startRealRedis();
  afterAll(() => redis.stop());
  await suite(redis);
}

/** The same for tests that need a real object store. It is kept in the user's cache directory from run to run. */
export async function withRealObjectStore(
  suite: (objectStore: RealObjectStore) => void | Promise<void>,
): Promise<void> {
  const cache = await cacheDirectory();
  const lock = await waitForLock(cache);
  const venv = join(cache, "swift-2.38.3");
  const usable = await installed("an object store", "object-store", venv);
  await lock.release();
  if (!usable) return;
  const directory = await mkdtemp(join(tmpdir(), "object-store-"));
  const port = await freePorts(4);
  const server = await startServer("object-store", port, venv, directory);
  afterAll(async () => {
    await server.stop();
    await rm(directory, { recursive: true });
  });
  const location = {
    endpoint: `http://127.0.0.1:${port}`,
    bucket: "backups",
    accessKeyId: "test:tester",
    secretAccessKey: "testing",
    region: "us-east-1",
  };
  const client = createS3Client(location);
  // It answers before all of it has started.
  await until(
    "the bucket is there",
    () =>
      client.put("", bodyOf(new Uint8Array())).then(
        () => true,
        (error: unknown) => {
          if (error instanceof StorageProviderError) return false;
          throw error;
        },
      ),
    startTimeoutMs,
  );
  client.close();
  await suite({ ...server, location });
}

/** Starts another Redis, once {@link withRealRedis} has found that there is one. */
export async function startRealRedis(): Promise<RealRedis> {
  const port = await freePorts(1);
  const server = await startServer("redis", port);
  return { ...server, url: `redis://127.0.0.1:${port}` };
}

/** Defines the test that stands for those that cannot run, where they cannot. */
async function installed(
  name: string,
  ...args: readonly string[]
): Promise<boolean> {
  try {
    await promisify(execFile)("sh", [script, "install", ...args], {
      timeout: installTimeoutMs,
    });
    return true;
  } catch (error) {
    const stderr = (error as { stderr?: string }).stderr?.trim();
    const reason = stderr?.split("\n").at(-1) ?? String(error);
    const why = `tests against ${name} cannot run here: ${reason}`;
    if (process.env.CI === undefined || process.env.CI === "") {
      console.warn(why);
      test.skip(why);
    } else {
      test(`${name} can be installed`, () => {
        throw new Error(why);
      });
    }
    return false;
  }
}

async function cacheDirectory(): Promise<string> {
  const base = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const directory = join(base, "carryover-tests");
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return directory;
  } catch {
    // A home that cannot be written to: installed anew for every file.
    return mkdtemp(join(tmpdir(), "carryover-tests-"));
  }
}

/** Test files run side by side: one installs, the others find it installed. */
async function waitForLock(directory: string): Promise<DirectoryLock> {
  let lock: DirectoryLock | undefined;
  await until(
    "others have installed it",
    async () => {
      lock = await lockDirectory(directory).catch((error: unknown) => {
        if (error instanceof StorageProviderError) return undefined;
        throw error;
      });
      return lock !== undefined;
    },
    installTimeoutMs,
  );
  if (lock === undefined) throw new Error("no lock");
  return lock;
}

async function startServer(
  kind: "redis" | "object-store",
  port: number,
  ...args: readonly string[]
): Promise<RealServer> {
  let running: { end: () => Promise<void> } | undefined;
  const server = {
    async start() {
      // It ends when its standard input does, so it cannot outlive this process.
      const child = spawn("sh", [script, "run", kind, ...args, String(port)], {
        stdio: ["pipe", "ignore", "inherit"],
      });
      running = {
        async end() {
          const ended = once(child, "exit");
          child.stdin.end();
          await ended;
        },
      };
      await until(
        `${kind} answers`,
        () => {
          if (child.exitCode !== null) throw new Error(`${kind} ended`);
          return answers(port, kind);
        },
        startTimeoutMs,
      );
    },
    async stop() {
      await running?.end();
      running = undefined;
    },
  };
  await server.start();
  return server;
}

/** Whether a server on this port answers a first question; HTTP ones are asked what they are. */
function answers(
  port: number,
  kind: "redis" | "object-store",
): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    const end = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(2_000, () => {
      end(false);
    });
    socket.on("error", () => {
      end(false);
    });
    socket.on("close", () => {
      end(false);
    });
    socket.on("data", (bytes: Buffer) => {
      end(/^(\+PONG|HTTP\/1\.[01] 200)/.test(bytes.toString("latin1")));
    });
    socket.write(
      kind === "redis"
        ? "PING\r\n"
        : "GET /info HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    );
  });
}

/** @returns the first of so many neighbouring ports that were free a moment ago */
async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 10_000);
    const held = await Promise.allSettled(
      Array.from({ length: count }, (_each, at) => hold(first + at)),
    );
    for (const each of held) {
      if (each.status === "fulfilled") await each.value();
    }
    if (held.every(({ status }) => status === "fulfilled")) return first;
  }
}

function hold(port: number): Promise<() => Promise<void>> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      resolve(async () => {
        const closed = once(server, "close");
        server.close();
        await closed;
      });
    });
  });
}
