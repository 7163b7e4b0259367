import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createDirectoryStore } from "./directory-store.js";
import { addressKey } from "./limits.js";
import {
  authorize,
  problemCode,
  startProvider,
  store,
  temporaryDirectory,
  until,
  upload,
} from "./testing/provider-fixture.js";
import { multipartBody, rawClient, uploadHead } from "./testing/raw-client.js";

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["::ffff:192.0.2.1", "192.0.2.1"],
  ["2001:db8:0:1:2:3:4:5", "2001:db8:0:1"],
  ["2001:DB8::1", "2001:db8:0:0"],
  ["2001:db8:0:1::", "2001:db8:0:1"],
  ["2001:0db8:0000:0001::9", "2001:db8:0:1"],
  ["fe80::1%eth0", "fe80:0:0:0"],
  ["::1", "0:0:0:0"],
  ["::", "0:0:0:0"],
])("limits count %s as %s", (address, key) => {
  expect(addressKey(address)).toBe(key);
});

test("calls for authorization are counted by address, whatever their outcome", async () => {
  const { provider } = await startProvider({
    authorization: { mode: "apiKey", keys: [randomBytes(16).toString("hex")] },
    limits: { authorizationCallsPerHour: 3 },
  });
  const codes: string[] = [];
  for (let at = 0; at < 4; at += 1) {
    codes.push(
      await problemCode(
        await fetch(`${provider.url}/authorizations`, { method: "POST" }),
      ),
    );
  }
  expect(codes).toEqual([
    "credentials-missing",
    "credentials-missing",
    "credentials-missing",
    "rate-limited",
  ]);
});

test("an address behind a trusted proxy is counted by itself, and nobody else is believed", async () => {
  const limits = { authorizationCallsPerHour: 1 };
  const ask = (url: string, address: string) =>
    fetch(`${url}/authorizations`, {
      method: "POST",
      headers: { "x-forwarded-for": address },
    });
  const trusting = (
    await startProvider({ limits, trustedProxies: ["127.0.0.1"] })
  ).provider.url;
  expect((await ask(trusting, "192.0.2.1")).status).toBe(201);
  expect((await ask(trusting, "192.0.2.2")).status).toBe(201);
  expect((await ask(trusting, "192.0.2.1")).status).toBe(429);
  // Only the address next to the proxy is its word; what is before that the client wrote.
  expect((await ask(trusting, "198.51.100.1, 192.0.2.2")).status).toBe(429);
  const plain = (await startProvider({ limits })).provider.url;
  expect((await ask(plain, "192.0.2.1")).status).toBe(201);
  expect((await ask(plain, "192.0.2.2")).status).toBe(429);
});

test("uploads under way are counted by address; one that ends makes room", async () => {
  const { provider, incoming } = await startProvider({
    limits: { concurrentUploads: 2 },
  });
  const held = await Promise.all(
    [1, 2].map(async () => {
      const { uploadUrl } = await authorize(provider.url);
      const client = await rawClient(provider.url);
      client.send(
        uploadHead(uploadUrl, [
          "Content-Type: multipart/form-data; boundary=b0undary",
          "Content-Length: 500000",
        ]),
      );
      client.send(multipartBody(randomBytes(500_000)).subarray(0, 400_000));
      return client;
    }),
  );
  await until("both have begun", () => incoming().length === 2);
  const { uploadUrl } = await authorize(provider.url);
  const refused = await upload(uploadUrl, Buffer.from("x"));
  expect([
    refused.status,
    refused.headers.get("retry-after"),
    await problemCode(refused),
  ]).toEqual([429, "5", "rate-limited"]);
  held[0]?.socket.destroy();
  await until(
    "there is room",
    async () => (await upload(uploadUrl, Buffer.from("x"))).status === 201,
  );
});

test("downloads under way are counted by address and in all", async () => {
  const { provider } = await startProvider({
    limits: { concurrentDownloads: 1 },
  });
  const { downloadUrl } = await store(provider.url, randomBytes(20_000_000));
  const reader = await rawClient(provider.url);
  reader.send(
    `GET ${new URL(downloadUrl).pathname} HTTP/1.1\r\nHost: x\r\n\r\n`,
  );
  await reader.receive("HTTP/1.1 200");
  reader.socket.pause();
  expect(await problemCode(await fetch(downloadUrl))).toBe("rate-limited");
  expect((await fetch(downloadUrl, { method: "HEAD" })).status).toBe(200);
  reader.socket.destroy();
  await until("there is room", async () => {
    const response = await fetch(downloadUrl);
    await response.arrayBuffer();
    return response.status === 200;
  });
});

test("downloads that a client asked for ahead end with its connection", async () => {
  const { provider } = await startProvider({
    limits: { concurrentDownloads: 8 },
  });
  const { downloadUrl } = await store(provider.url, randomBytes(20_000_000));
  const get = async () => {
    const response = await fetch(downloadUrl);
    await response.arrayBuffer();
    return response.status;
  };
  const reader = await rawClient(provider.url);
  const { pathname } = new URL(downloadUrl);
  reader.send(`GET ${pathname} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(16));
  await reader.receive("HTTP/1.1 200");
  reader.socket.pause();
  expect(await get()).toBe(429);
  const before = provider.requests.length;
  reader.socket.destroy();
  await until(
    "all sixteen are recorded",
    () => provider.requests.length >= before + 16,
  );
  // Of those that waited behind the first nothing was sent.
  expect(provider.requests.slice(before).map(({ status }) => status)).toEqual([
    200,
    ...Array<number>(15).fill(0),
  ]);
  const eight = Array.from({ length: 8 }, get);
  expect(await Promise.all(eight)).toEqual(Array<number>(8).fill(200));
});

test("a download beyond the limit is refused before its file is opened", async () => {
  const kept = await createDirectoryStore({
    directory: await temporaryDirectory(),
  });
  let openings = 0;
  const { provider } = await startProvider({
    limits: { concurrentDownloads: 1 },
    directory: {
      ...kept,
      open(id) {
        openings += 1;
        return kept.open(id);
      },
    },
  });
  const { downloadUrl } = await store(provider.url, randomBytes(20_000_000));
  const reader = await rawClient(provider.url);
  reader.send(
    `GET ${new URL(downloadUrl).pathname} HTTP/1.1\r\nHost: x\r\n\r\n`,
  );
  await reader.receive("HTTP/1.1 200");
  reader.socket.pause();
  expect(await problemCode(await fetch(downloadUrl))).toBe("rate-limited");
  expect(openings).toBe(1);
});

test("the space set aside bounds what is stored, in pieces while it arrives", async () => {
  const { provider, incoming, blobs } = await startProvider({
    maxTotalBytes: 1_000_000,
  });
  const first = await store(provider.url, randomBytes(600_000));
  const { uploadUrl } = await authorize(provider.url);
  const refused = await upload(uploadUrl, randomBytes(600_000));
  expect([refused.status, await problemCode(refused)]).toEqual([507, "full"]);
  await until("temporary files are gone", () => incoming().length === 0);
  expect(blobs()).toHaveLength(1);
  await fetch(first.deleteUrl, {
    method: "DELETE",
    headers: { authorization: `Bearer ${first.receiptKey}` },
  });
  expect((await upload(uploadUrl, randomBytes(600_000))).status).toBe(201);
});

test("metrics count requests, bytes and files for who holds the token", async () => {
  const metricsToken = randomBytes(16).toString("hex");
  const { provider } = await startProvider({ metricsToken });
  const stored = await store(provider.url, randomBytes(1_000));
  await until("all are recorded", () => provider.requests.length === 2);
  const get = (token?: string) =>
    fetch(
      `${provider.url}/metrics`,
      token === undefined
        ? {}
        : { headers: { authorization: `Bearer ${token}` } },
    );
  expect(await problemCode(await get())).toBe("credentials-missing");
  expect(await problemCode(await get("0".repeat(32)))).toBe(
    "credentials-invalid",
  );
  const response = await get(metricsToken);
  expect(response.headers.get("content-type")).toBe(
    "text/plain; version=0.0.4; charset=utf-8",
  );
  const text = await response.text();
  expect(text).toContain(
    'carryover_storage_requests_total{method="POST",route="/backups",status="201"} 1\n',
  );
  expect(text).toContain("carryover_storage_stored_bytes_total 1000\n");
  expect(text).toContain("carryover_storage_used_bytes 1000\n");
  expect(text).toMatch(
    /carryover_storage_request_duration_seconds_bucket\{le="\+Inf"\} \d+\n/,
  );
  for (const line of text.trimEnd().split("\n")) {
    expect(line).toMatch(
      /^(# TYPE [a-z_]+ (counter|gauge|histogram)|[a-z_]+(\{[^{}]*\})? [0-9.e+-]+)$/,
    );
  }
  expect(text).not.toContain(
    new URL(stored.downloadUrl).pathname.split("/")[2],
  );
  const without = (await startProvider()).provider.url;
  expect(await problemCode(await fetch(`${without}/metrics`))).toBe(
    "not-found",
  );
});
