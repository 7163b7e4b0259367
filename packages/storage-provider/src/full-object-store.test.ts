import { createHash, randomBytes } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { createMemoryLimitStore } from "./memory-limit-store.js";
import { createS3Client } from "./s3-client.js";
import { createS3Store } from "./s3-store.js";
import {
  objectStoreFront,
  type FrontRequest,
  type ObjectStoreFront,
} from "./testing/object-store-front.js";
import {
  afterTest,
  authorize,
  problemCode,
  startProvider,
  store,
  upload,
} from "./testing/provider-fixture.js";
import { withRealObjectStore } from "./testing/real-servers.js";

vi.setConfig({ testTimeout: 180_000 });

/** What object stores say when they take no more: status, code, and what the provider then answers. */
const refusals = [
  ["507", 507, "InsufficientStorage", "full"],
  ["a full disk of MinIO", 507, "XMinioStorageFull", "full"],
  ["a quota of Ceph", 403, "QuotaExceeded", "full"],
  ["a quota of MinIO", 400, "XMinioAdminBucketQuotaExceeded", "full"],
  ["a quota of Swift", 400, "EntityTooLarge", "full"],
  ["too many requests", 503, "SlowDown", "unavailable"],
  ["too many requests of others", 429, "TooManyRequests", "unavailable"],
] as const;

const largeBytes = 12_000_000;

/** The steps of an upload at which it may be refused. */
const steps = [
  ["small, with its data", 1_000, isTo("PUT", /\/data\//)],
  ["small, with its note of when it is due", 1_000, isTo("PUT", /\/due\//)],
  ["small, with its name", 1_000, isTo("PUT", /\/name\//)],
  ["large, at its beginning", largeBytes, isTo("POST", /\?uploads=/)],
  ["large, with a first part", largeBytes, isTo("PUT", /partNumber=1&/)],
  ["large, with a part of many", largeBytes, isTo("PUT", /partNumber=2&/)],
  ["large, at its end", largeBytes, isTo("POST", /\?uploadId=/)],
  ["large, with its name", largeBytes, isTo("PUT", /\/name\//)],
] as const;

function isTo(method: string, url: RegExp) {
  return (request: FrontRequest) =>
    request.method === method && url.test(request.url);
}

/** From now on such requests are refused so, whether or not their body is read first. */
function refuse(
  front: ObjectStoreFront,
  matches: (request: FrontRequest) => boolean,
  status: number,
  code: string,
  body: "read" | "unread" = "read",
): { readonly count: () => number } {
  let count = 0;
  front.intercept = (request, response) => {
    if (!matches(request)) return "pass";
    count += 1;
    const answer = () => {
      response.writeHead(status, {
        "content-type": "application/xml",
        connection: body === "read" ? "keep-alive" : "close",
      });
      response.end(
        `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>of test/secret-key</Message></Error>`,
      );
    };
    if (body === "unread") answer();
    else response.req.on("end", answer).resume();
    return "answered";
  };
  return { count: () => count };
}

await withRealObjectStore(({ location }) => {
  async function start() {
    const front = await objectStoreFront(location);
    const prefix = `${randomBytes(6).toString("hex")}/`;
    const directory = await createS3Store({
      ...front.location,
      prefix,
      locks: createMemoryLimitStore(() => performance.now()),
    });
    const { provider } = await startProvider({
      directory,
      maxBytes: 100_000_000,
    });
    const client = createS3Client(location);
    afterTest(async () => {
      for (const { key } of (await client.list(prefix, undefined)).objects) {
        await client.remove(key);
      }
      client.close();
    });
    const left = async () => [
      ...(await client.list(prefix, undefined)).objects,
      ...(await client.listMultipart(prefix)),
    ];
    return { front, url: provider.url, left };
  }

  /** Refused as documented, nothing kept, and good again with the same ticket and without a restart. */
  async function expectRefusedAndRecovered(
    { front, url, left }: Awaited<ReturnType<typeof start>>,
    size: number,
    expected: "full" | "unavailable",
    refused: { readonly count: () => number },
  ): Promise<void> {
    const { uploadUrl } = await authorize(url);
    const bytes = randomBytes(size);
    const answer = await upload(uploadUrl, bytes);
    expect(refused.count()).toBeGreaterThan(0);
    expect(answer.status).toBe(expected === "full" ? 507 : 503);
    expect(answer.headers.get("retry-after")).toBe(
      expected === "full" ? null : "5",
    );
    const copy = await answer.clone().text();
    expect(copy).not.toContain("secret-key");
    expect(await problemCode(answer)).toBe(expected);
    front.intercept = undefined;
    expect(await left()).toEqual([]);
    const again = await upload(uploadUrl, bytes);
    expect(again.status).toBe(201);
    const { downloadUrl } = (await again.json()) as { downloadUrl: string };
    const down = await (await fetch(downloadUrl)).arrayBuffer();
    expect(createHash("sha256").update(Buffer.from(down)).digest("hex")).toBe(
      createHash("sha256").update(bytes).digest("hex"),
    );
  }

  describe("an upload that a full object store refuses leaves nothing, and its ticket is good once there is room", () => {
    test.each(refusals)(
      "by %s (%i %s): %s",
      async (_what, status, code, expected) => {
        const started = await start();
        const refused = refuse(started.front, steps[5][2], status, code);
        await expectRefusedAndRecovered(started, largeBytes, expected, refused);
      },
    );

    test.each(steps)("%s", async (_what, size, matches) => {
      const started = await start();
      const refused = refuse(started.front, matches, 403, "QuotaExceeded");
      await expectRefusedAndRecovered(started, size, "full", refused);
    });

    test.each([
      ["small", 1_000, steps[0][2]],
      ["large", largeBytes, steps[4][2]],
    ] as const)("%s, before its body is read", async (_what, size, matches) => {
      const started = await start();
      const refused = refuse(
        started.front,
        matches,
        507,
        "XMinioStorageFull",
        "unread",
      );
      await expectRefusedAndRecovered(started, size, "full", refused);
    });
  });

  test("a full object store still gives and deletes files, and says that it is full", async () => {
    const { front, url, left } = await start();
    const stored = await store(url, randomBytes(1_000));
    let stands = true;
    // There is room again once a file is gone.
    front.intercept = (request, response) => {
      if (request.method === "DELETE" && request.url.includes("/data/")) {
        stands = false;
      }
      if (!stands || request.method !== "PUT") return "pass";
      response.req
        .on("end", () => {
          response
            .writeHead(403)
            .end("<Error><Code>QuotaExceeded</Code></Error>");
        })
        .resume();
      return "answered";
    };
    const health = await fetch(`${url}/healthz`);
    expect([health.status, await problemCode(health)]).toEqual([507, "full"]);
    expect((await fetch(stored.downloadUrl)).status).toBe(200);
    const removed = await fetch(stored.deleteUrl, {
      method: "DELETE",
      headers: { authorization: `Bearer ${stored.receiptKey}` },
    });
    expect(removed.status).toBe(204);
    expect((await fetch(stored.downloadUrl)).status).toBe(404);
    expect(
      await problemCode(await upload(stored.uploadUrl, randomBytes(10))),
    ).toBe("withdrawn");
    expect((await left()).filter(({ key }) => key.includes("/data/"))).toEqual(
      [],
    );
  });

  test("a busy object store that takes it the second time is not told of", async () => {
    const { front, url } = await start();
    let refused = 0;
    front.intercept = (request, response) => {
      if (
        request.method !== "PUT" ||
        !request.url.includes("/data/") ||
        refused > 0
      )
        return "pass";
      refused += 1;
      response.req
        .on("end", () => {
          response.writeHead(503).end("<Error><Code>SlowDown</Code></Error>");
        })
        .resume();
      return "answered";
    };
    await store(url, randomBytes(1_000));
    expect(refused).toBe(1);
  });
});
