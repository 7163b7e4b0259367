import { spawn } from "node:child_process";
import { Redis } from "ioredis";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { expect, test, vi } from "vitest";
import {
  afterTest,
  authorize,
  problemCode,
  store,
  until,
  upload,
} from "./testing/provider-fixture.js";
import { multipartBody, rawClient, uploadHead } from "./testing/raw-client.js";
import {
  startRealRedis,
  withRealObjectStore,
  withRealRedis,
  type RealObjectStore,
  type RealRedis,
} from "./testing/real-servers.js";

const program = fileURLToPath(new URL("../dist/main.js", import.meta.url));
vi.setConfig({ testTimeout: 180_000 });

const sharedBy = (objectStore: RealObjectStore, redis: RealRedis) => ({
  AUTHORIZATION: "open",
  PORT: "0",
  LOG: "off",
  TICKET_SECRET: randomBytes(32).toString("hex"),
  S3_ENDPOINT: objectStore.location.endpoint,
  S3_BUCKET: objectStore.location.bucket,
  S3_PREFIX: `${randomBytes(6).toString("hex")}/`,
  S3_ACCESS_KEY_ID: objectStore.location.accessKeyId,
  S3_SECRET_ACCESS_KEY: objectStore.location.secretAccessKey,
  REDIS_URL: redis.url,
});

async function start(settings: Record<string, string>) {
  const child = spawn(process.execPath, [program], {
    env: {
      PATH: process.env.PATH ?? "",
      ...Object.fromEntries(
        Object.entries(settings).map(([name, value]) => [
          `CARRYOVER_STORAGE_${name}`,
          value,
        ]),
      ),
    },
    stdio: ["ignore", "inherit", "pipe"],
  });
  afterTest(async () => {
    child.kill("SIGKILL");
  });
  let err = "";
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
  await until(
    "it listens",
    () => err.includes("listening on") || child.exitCode !== null,
  );
  const url = /listening on (\S+)/.exec(err)?.[1] ?? err;
  return { url, child };
}

const unhealthy = (url: string) =>
  until(
    "health says unavailable",
    async () => (await fetch(`${url}/healthz`)).status === 503,
  );

await withRealObjectStore((objectStore) =>
  withRealRedis((redis) => {
    const shared = () => sharedBy(objectStore, redis);
    const forgetLimits = async () => {
      const client = new Redis(redis.url);
      await client.flushall();
      client.disconnect();
    };

    test("a ticket of the one is honoured by the other, and used once", async () => {
      await forgetLimits();
      const settings = shared();
      const [one, other] = await Promise.all([
        start(settings),
        start(settings),
      ]);
      const at = (instance: { url: string }, url: string) =>
        url.replace(/^http:\/\/[^/]+/, instance.url);
      const authorization = await authorize(one.url);
      const contents = [randomBytes(7_000_000), randomBytes(7_000_000)];
      const answers = await Promise.all([
        upload(
          at(one, authorization.uploadUrl),
          contents[0] ?? Buffer.alloc(0),
        ),
        upload(
          at(other, authorization.uploadUrl),
          contents[1] ?? Buffer.alloc(0),
        ),
      ]);
      expect(answers.map(({ status }) => status).toSorted()).toEqual([
        201, 409,
      ]);
      const bodies = (await Promise.all(
        answers.map((each) => each.json()),
      )) as {
        sha256: string;
        downloadUrl: string;
      }[];
      expect(bodies[0]?.sha256).toBe(bodies[1]?.sha256);
      for (const instance of [one, other]) {
        const down = Buffer.from(
          await (
            await fetch(at(instance, bodies[0]?.downloadUrl ?? ""))
          ).arrayBuffer(),
        );
        expect(createHash("sha256").update(down).digest("hex")).toBe(
          bodies[0]?.sha256,
        );
      }
      const removed = await fetch(at(other, authorization.deleteUrl), {
        method: "DELETE",
        headers: { authorization: `Bearer ${authorization.receiptKey}` },
      });
      expect(removed.status).toBe(204);
      expect((await fetch(at(one, authorization.deleteUrl))).status).toBe(404);
    });

    test("an instance that cannot start ends, though Redis answers", async () => {
      const { child } = await start({
        ...shared(),
        S3_ENDPOINT: "http://127.0.0.1:1",
      });
      if (child.exitCode === null) await once(child, "exit");
      expect(child.exitCode).toBe(1);
    });

    test("limits hold across both", async () => {
      await forgetLimits();
      const settings = { ...shared(), UPLOADS_PER_HOUR: "4" };
      const instances = await Promise.all([start(settings), start(settings)]);
      const statuses = await Promise.all(
        Array.from({ length: 10 }, async (_each, at) => {
          const { url } = instances[at % 2] ?? { url: "" };
          return (await fetch(`${url}/authorizations`, { method: "POST" }))
            .status;
        }),
      );
      expect(statuses.filter((status) => status === 201)).toHaveLength(4);
      expect(statuses.filter((status) => status === 429)).toHaveLength(6);
    });

    test("one dies in the middle of an upload: the other takes it with the same ticket", async () => {
      await forgetLimits();
      const settings = shared();
      const [one, other] = await Promise.all([
        start(settings),
        start(settings),
      ]);
      const { uploadUrl } = await authorize(one.url);
      const body = multipartBody(randomBytes(12_000_000));
      const client = await rawClient(one.url);
      client.send(
        uploadHead(uploadUrl, [
          "Content-Type: multipart/form-data; boundary=b0undary",
          `Content-Length: ${body.byteLength}`,
        ]),
      );
      client.send(body.subarray(0, 11_000_000));
      await until(
        "most is sent",
        () =>
          client.socket.bytesWritten > 10_000_000 &&
          client.socket.writableLength === 0,
      );
      one.child.kill("SIGKILL");
      await once(one.child, "exit");
      const again = await upload(
        uploadUrl.replace(one.url, other.url),
        Buffer.from("again"),
      );
      expect(again.status).toBe(201);
    });

    test("the object store goes away and comes back: 503, then good again without a restart", async () => {
      await forgetLimits();
      const { url } = await start(shared());
      const stored = await store(url, Buffer.from("kept"));
      const pending = await authorize(url);
      await objectStore.stop();
      try {
        await unhealthy(url);
        expect(await problemCode(await fetch(stored.downloadUrl))).toBe(
          "unavailable",
        );
        expect(
          await problemCode(await upload(pending.uploadUrl, Buffer.from("x"))),
        ).toBe("unavailable");
      } finally {
        await objectStore.start();
      }
      await until(
        "it is good again",
        async () => (await fetch(`${url}/healthz`)).status === 200,
      );
      expect(await (await fetch(stored.downloadUrl)).text()).toBe("kept");
      expect((await upload(pending.uploadUrl, Buffer.from("x"))).status).toBe(
        201,
      );
    });

    test("Redis goes away and comes back: 503, then good again without a restart", async () => {
      const own = await startRealRedis();
      afterTest(() => own.stop());
      const { url } = await start({
        ...shared(),
        REDIS_URL: own.url,
      });
      expect(
        (await fetch(`${url}/authorizations`, { method: "POST" })).status,
      ).toBe(201);
      await own.stop();
      const refused = await fetch(`${url}/authorizations`, { method: "POST" });
      expect(refused.headers.get("retry-after")).toBe("5");
      expect(await problemCode(refused)).toBe("unavailable");
      await unhealthy(url);
      await own.start();
      await until(
        "it is good again",
        async () =>
          (await fetch(`${url}/authorizations`, { method: "POST" })).status ===
          201,
      );
    });
  }),
);
