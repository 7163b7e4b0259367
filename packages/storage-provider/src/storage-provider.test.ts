import { createHash, randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createDirectoryStore } from "./directory-store.js";
import {
  authorize,
  problemCode,
  startProvider,
  store,
  upload,
  until,
  type Authorization,
  type Uploaded,
  afterTest,
  temporaryDirectory,
} from "./testing/provider-fixture.js";
import { multipartBody, rawClient, uploadHead } from "./testing/raw-client.js";

const sha256 = (bytes: Uint8Array) =>
  createHash("sha256").update(bytes).digest();

test("a file goes up with a ticket and comes down whole, from the same origin", async () => {
  const { provider } = await startProvider();
  const bytes = randomBytes(300_000);
  const stored = await store(provider.url, bytes);
  expect(stored.size).toBe(bytes.byteLength);
  expect(stored.sha256).toBe(sha256(bytes).toString("hex"));
  expect(new URL(stored.downloadUrl).origin).toBe(
    new URL(stored.uploadUrl).origin,
  );
  expect(stored.deleteUrl).toBe(stored.downloadUrl);
  expect(Date.parse(stored.expiresAt) - Date.now()).toBeGreaterThan(
    71.9 * 3_600_000,
  );

  const response = await fetch(stored.downloadUrl);
  expect(response.status).toBe(200);
  expect(response.headers.get("etag")).toBe(`"${stored.sha256}"`);
  expect(response.headers.get("repr-digest")).toBe(
    `sha-256=:${sha256(bytes).toString("base64")}:`,
  );
  expect(response.headers.get("accept-ranges")).toBe("bytes");
  expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);

  const head = await fetch(stored.downloadUrl, { method: "HEAD" });
  expect(head.status).toBe(200);
  expect(head.headers.get("content-length")).toBe(String(bytes.byteLength));
});

test("files and directories are private", async () => {
  const { provider, directory, blobs } = await startProvider();
  await store(provider.url, randomBytes(10));
  for (const path of [".", "blobs", "incoming"]) {
    expect(statSync(join(directory, path)).mode & 0o777).toBe(0o700);
  }
  const [name = ""] = blobs();
  expect(statSync(join(directory, "blobs", name)).mode & 0o777).toBe(0o600);
});

test("one call authorizes several uploads, each with names and keys of its own", async () => {
  const { provider } = await startProvider();
  const response = await fetch(`${provider.url}/authorizations`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ count: 3 }),
  });
  expect(response.status).toBe(201);
  const { authorizations } = (await response.json()) as {
    authorizations: Authorization[];
  };
  expect(authorizations).toHaveLength(3);
  for (const key of ["uploadUrl", "receiptKey", "deleteUrl"] as const) {
    expect(new Set(authorizations.map((each) => each[key])).size).toBe(3);
  }
});

test.each([0, 33, 1.5, "2", null])("count %j is refused", async (count) => {
  const { provider } = await startProvider();
  const response = await fetch(`${provider.url}/authorizations`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ count }),
  });
  expect([response.status, await problemCode(response)]).toEqual([
    400,
    "body-malformed",
  ]);
});

test("a second use answers used with what the first was told, also to an empty body", async () => {
  const { provider, blobs } = await startProvider();
  const { uploadUrl } = await authorize(provider.url);
  const first = await upload(uploadUrl, Buffer.from("first"));
  const told = (await first.json()) as Uploaded;
  for (const body of [new FormData(), undefined, "garbage"]) {
    const again = await fetch(uploadUrl, {
      method: "POST",
      ...(body === undefined ? {} : { body }),
    });
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({
      code: "used",
      type: "urn:carryover:storage:problem:used",
      ...told,
    });
  }
  expect(blobs()).toHaveLength(1);
  expect(await (await fetch(told.downloadUrl)).text()).toBe("first");
});

test("an empty body leaves the ticket usable", async () => {
  const { provider, blobs, incoming } = await startProvider();
  const { uploadUrl } = await authorize(provider.url);
  const empty = new FormData();
  const emptyFile = new FormData();
  emptyFile.append("file", new Blob([]), "x");
  for (const body of [empty, emptyFile]) {
    const response = await fetch(uploadUrl, { method: "POST", body });
    expect([response.status, await problemCode(response)]).toEqual([
      400,
      "file-missing",
    ]);
  }
  expect([...blobs(), ...incoming()]).toEqual([]);
  expect((await upload(uploadUrl, Buffer.from("x"))).status).toBe(201);
});

test("with an idempotency key, only its holder is told the result again", async () => {
  const { provider } = await startProvider();
  const { uploadUrl } = await authorize(provider.url);
  const key = { "idempotency-key": randomBytes(16).toString("hex") };
  const told: unknown = await (
    await upload(uploadUrl, Buffer.from("x"), key)
  ).json();
  const stranger = await fetch(uploadUrl, { method: "POST" });
  expect(stranger.status).toBe(409);
  expect(await stranger.json()).not.toHaveProperty("downloadUrl");
  const holder = await fetch(uploadUrl, { method: "POST", headers: key });
  expect(await holder.json()).toMatchObject(told as object);
});

test.each([15, 257])(
  "an idempotency key of %i characters is refused, and the ticket is still good",
  async (length) => {
    const { provider } = await startProvider();
    const { uploadUrl } = await authorize(provider.url);
    const bytes = Buffer.from("x");
    const key = (of: number) => ({ "idempotency-key": "k".repeat(of) });
    const refused = await upload(uploadUrl, bytes, key(length));
    expect([refused.status, await problemCode(refused)]).toEqual([
      400,
      "request-malformed",
    ]);
    const taken = await upload(uploadUrl, bytes, key(length === 15 ? 16 : 256));
    expect(taken.status).toBe(201);
  },
);

test("of two uploads at the same time exactly one wins and the other is told of it", async () => {
  const { provider, blobs, incoming } = await startProvider();
  const { uploadUrl } = await authorize(provider.url);
  const contents = [randomBytes(2_000_000), randomBytes(2_000_000)];
  const answers = await Promise.all(
    contents.map(async (bytes) => {
      const response = await upload(uploadUrl, bytes);
      return {
        status: response.status,
        body: (await response.json()) as Uploaded,
      };
    }),
  );
  expect(answers.map((each) => each.status).sort()).toEqual([201, 409]);
  const [one, other] = answers;
  expect(one?.body.downloadUrl).toBe(other?.body.downloadUrl);
  expect(one?.body.sha256).toBe(other?.body.sha256);
  const winner =
    contents[answers.findIndex((each) => each.status === 201)] ??
    randomBytes(1);
  const down = await fetch(one?.body.downloadUrl ?? "");
  expect(Buffer.from(await down.arrayBuffer()).equals(winner)).toBe(true);
  expect(blobs()).toHaveLength(1);
  await until("temporary files are gone", () => incoming().length === 0);
});

test("a broken upload leaves nothing and the ticket stays usable", async () => {
  const { provider, blobs, incoming } = await startProvider();
  const { uploadUrl } = await authorize(provider.url);
  const body = multipartBody(randomBytes(500_000));
  const client = await rawClient(provider.url);
  client.send(
    uploadHead(uploadUrl, [
      "Content-Type: multipart/form-data; boundary=b0undary",
      `Content-Length: ${body.byteLength}`,
    ]),
  );
  client.send(body.subarray(0, 400_000));
  await until("the upload has begun", () => incoming().length === 1);
  client.socket.destroy();
  await until("the upload is gone", () => incoming().length === 0);
  expect(blobs()).toEqual([]);
  expect((await upload(uploadUrl, Buffer.from("x"))).status).toBe(201);
});

test.each(["accepted", "received", "stored"] as const)(
  "cut off when %s, the uploader learns by asking again",
  async (at) => {
    let drop = true;
    const { provider } = await startProvider({
      hooks: {
        uploadStep: async (step) => (drop && step === at ? "drop" : "continue"),
      },
    });
    const { uploadUrl } = await authorize(provider.url);
    await expect(upload(uploadUrl, Buffer.from("bytes"))).rejects.toThrow();
    drop = false;
    const again = await fetch(uploadUrl, {
      method: "POST",
      body: new FormData(),
    });
    expect(await problemCode(again)).toBe(
      at === "stored" ? "used" : "file-missing",
    );
  },
);

test("a client that waits for 100 Continue learns of a refusal before it sends", async () => {
  const { provider } = await startProvider();
  const used = await store(provider.url, Buffer.from("x"));
  const body = multipartBody("content");
  const headers = [
    "Content-Type: multipart/form-data; boundary=b0undary",
    `Content-Length: ${body.byteLength}`,
    "Expect: 100-continue",
  ];
  const refused = await rawClient(provider.url);
  refused.send(uploadHead(used.uploadUrl, headers));
  const answer = await refused.closed();
  expect(answer).toMatch(/^HTTP\/1\.1 409 /);
  expect(answer).not.toContain("100 Continue");

  const { uploadUrl } = await authorize(provider.url);
  const admitted = await rawClient(provider.url);
  admitted.send(uploadHead(uploadUrl, headers));
  await admitted.receive("HTTP/1.1 100 Continue\r\n\r\n");
  admitted.send(body);
  await admitted.receive("HTTP/1.1 201 ");
});

test("a file at the limit is taken, one byte more is not, announced or not", async () => {
  const { provider, blobs, incoming } = await startProvider({
    maxBytes: 1_000,
  });
  const { uploadUrl } = await authorize(provider.url);
  const over = await upload(uploadUrl, randomBytes(1_001));
  expect([over.status, await problemCode(over)]).toEqual([413, "too-large"]);
  const announced = await upload(uploadUrl, randomBytes(100_000));
  expect(announced.status).toBe(413);
  expect([...blobs(), ...incoming()]).toEqual([]);
  expect((await upload(uploadUrl, randomBytes(1_000))).status).toBe(201);
});

test("the receipt key deletes its own backup and voids the ticket; nothing else does", async () => {
  const { provider } = await startProvider();
  const mine = await store(provider.url, Buffer.from("mine"));
  const other = await store(provider.url, Buffer.from("other"));
  const remove = (key?: string) =>
    fetch(mine.deleteUrl, {
      method: "DELETE",
      ...(key === undefined
        ? {}
        : { headers: { authorization: `Bearer ${key}` } }),
    });
  expect(await problemCode(await remove())).toBe("receipt-missing");
  expect(await problemCode(await remove(other.receiptKey))).toBe(
    "receipt-invalid",
  );
  const ticket = new URL(mine.uploadUrl).searchParams.get("ticket") ?? "";
  expect(await problemCode(await remove(ticket))).toBe("receipt-invalid");
  expect((await fetch(mine.downloadUrl)).status).toBe(200);

  expect((await remove(mine.receiptKey)).status).toBe(204);
  expect((await remove(mine.receiptKey)).status).toBe(204);
  expect((await fetch(mine.downloadUrl)).status).toBe(404);
  expect(
    await problemCode(await upload(mine.uploadUrl, Buffer.from("x"))),
  ).toBe("withdrawn");
  expect(await (await fetch(other.downloadUrl)).text()).toBe("other");
});

test("an authorization can be withdrawn before it is used", async () => {
  const { provider } = await startProvider();
  const { deleteUrl, uploadUrl, receiptKey } = await authorize(provider.url);
  const headers = { authorization: `Bearer ${receiptKey}` };
  expect((await fetch(deleteUrl, { method: "DELETE", headers })).status).toBe(
    204,
  );
  expect(await problemCode(await upload(uploadUrl, Buffer.from("x")))).toBe(
    "withdrawn",
  );
});

test("files expire after the retention, tickets after theirs, and a purge removes what is due", async () => {
  let now = Date.now();
  const { provider, blobs } = await startProvider({
    clock: { nowMs: () => now },
    retentionHours: 10,
    ticketHours: 5,
  });
  const late = await authorize(provider.url);
  const kept = await store(provider.url, Buffer.from("x"));
  now += 5 * 3_600_000;
  expect(
    await problemCode(await upload(late.uploadUrl, Buffer.from("x"))),
  ).toBe("ticket-expired");
  expect((await fetch(kept.downloadUrl)).status).toBe(200);
  expect(await provider.purge()).toEqual({ removed: 0, freedBytes: 0 });
  now += 5 * 3_600_000;
  expect((await fetch(kept.downloadUrl)).status).toBe(404);
  expect(blobs()).toHaveLength(1);
  expect(await provider.purge()).toEqual({ removed: 1, freedBytes: 1 });
  expect(blobs()).toEqual([]);
});

test("a clock that jumps ahead answers 404 and 403 while it is wrong, and loses nothing", async () => {
  let now = Date.now();
  const { provider, blobs } = await startProvider({
    clock: { nowMs: () => now },
    purgeEveryMs: 1,
  });
  const { url } = provider;
  const kept = await store(url, Buffer.from("kept"));
  const pending = await authorize(url);
  const year = 365 * 24 * 3_600_000;
  now += year;
  expect(await problemCode(await fetch(kept.downloadUrl))).toBe("not-found");
  const refused = await upload(pending.uploadUrl, Buffer.from("x"));
  expect([refused.status, await problemCode(refused)]).toEqual([
    403,
    "ticket-expired",
  ]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  now -= year;
  expect(await (await fetch(kept.downloadUrl)).text()).toBe("kept");
  expect((await upload(pending.uploadUrl, Buffer.from("x"))).status).toBe(201);
  expect(blobs()).toHaveLength(2);
});

test("API keys: none, a wrong one and the right one", async () => {
  const key = randomBytes(24).toString("hex");
  const { provider } = await startProvider({
    authorization: { mode: "apiKey", keys: [key] },
  });
  const ask = (authorization?: string) =>
    fetch(`${provider.url}/authorizations`, {
      method: "POST",
      ...(authorization === undefined ? {} : { headers: { authorization } }),
    });
  const none = await ask();
  expect(none.headers.get("www-authenticate")).toBe("Bearer");
  expect(await problemCode(none)).toBe("credentials-missing");
  expect(await problemCode(await ask(`Bearer ${key}0`))).toBe(
    "credentials-invalid",
  );
  expect((await ask(`Bearer ${key}`)).status).toBe(201);
});

test("open mode limits an address and says when to come back", async () => {
  const { provider } = await startProvider({
    limits: { uploadsPerHour: 2 },
  });
  await authorize(provider.url);
  await authorize(provider.url);
  const response = await fetch(`${provider.url}/authorizations`, {
    method: "POST",
  });
  expect([response.status, await problemCode(response)]).toEqual([
    429,
    "rate-limited",
  ]);
  expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(1_000);
});

test("stored files, tickets and receipts survive a restart; unfinished uploads do not", async () => {
  const ticketSecret = randomBytes(32);
  const first = await startProvider({ ticketSecret });
  const stored = await store(first.provider.url, Buffer.from("kept"));
  const pending = await authorize(first.provider.url);
  const client = await rawClient(first.provider.url);
  client.send(
    uploadHead(pending.uploadUrl, [
      "Content-Type: multipart/form-data; boundary=b0undary",
      "Content-Length: 500000",
    ]),
  );
  client.send(multipartBody(randomBytes(500_000)).subarray(0, 400_000));
  await until("the upload has begun", () => first.incoming().length === 1);
  await first.provider.close();
  const second = await startProvider({
    ticketSecret,
    directory: first.directory,
  });
  expect(second.incoming()).toEqual([]);
  const moved = (url: string) =>
    url.replace(first.provider.url, second.provider.url);
  expect(await (await fetch(moved(stored.downloadUrl))).text()).toBe("kept");
  expect(
    (await upload(moved(pending.uploadUrl), Buffer.from("x"))).status,
  ).toBe(201);
  const removed = await fetch(moved(stored.deleteUrl), {
    method: "DELETE",
    headers: { authorization: `Bearer ${stored.receiptKey}` },
  });
  expect(removed.status).toBe(204);
});

test.each(["", "GET /healthz HTTP/1.1\r\nHost: "])(
  "asked to stop, it does not wait for a connection that has sent %j",
  async (sent) => {
    const { provider } = await startProvider({
      closeGraceMs: 60_000,
      headersTimeoutMs: 60_000,
    });
    const client = await rawClient(provider.url);
    client.send(sent);
    await authorize(provider.url);
    const before = performance.now();
    await provider.close();
    expect(performance.now() - before).toBeLessThan(10_000);
    await client.closed();
  },
);

test("asked to stop, it lets a large download under way end", async () => {
  const { provider } = await startProvider({ closeGraceMs: 60_000 });
  const bytes = randomBytes(20_000_000);
  const { downloadUrl } = await store(provider.url, bytes);
  const client = await rawClient(provider.url);
  client.send(
    `GET ${new URL(downloadUrl).pathname} HTTP/1.1\r\nHost: x\r\n\r\n`,
  );
  await client.receive("octet-stream");
  client.socket.pause();
  const closing = provider.close();
  await until("it takes no more", () =>
    fetch(provider.listeningUrl).then(
      () => false,
      () => true,
    ),
  );
  client.socket.resume();
  await closing;
  expect((await client.closed()).endsWith(bytes.toString("latin1"))).toBe(true);
});

test("records and log lines tell of requests, and hold no id, ticket, key or address", async () => {
  const lines: string[] = [];
  const { provider } = await startProvider({
    logger: (event) => lines.push(JSON.stringify(event)),
  });
  const stored = await store(provider.url, Buffer.from("x"));
  await (await fetch(stored.downloadUrl)).arrayBuffer();
  await fetch(stored.deleteUrl, {
    method: "DELETE",
    headers: { authorization: `Bearer ${stored.receiptKey}` },
  });
  await fetch(`${provider.url}/nothing/${stored.receiptKey}?a=b`);
  await until("all are recorded", () => provider.requests.length === 5);
  expect(
    provider.requests.map(({ method, route, status }) => [
      method,
      route,
      status,
    ]),
  ).toEqual([
    ["POST", "/authorizations", 201],
    ["POST", "/backups", 201],
    ["GET", "/backups/:id", 200],
    ["DELETE", "/backups/:id", 204],
    ["GET", "unknown", 404],
  ]);
  const text = lines.join("\n");
  expect(lines.length).toBeGreaterThanOrEqual(5);
  for (const secret of [
    new URL(stored.uploadUrl).searchParams.get("ticket") ?? "?",
    new URL(stored.downloadUrl).pathname.split("/")[2] ?? "?",
    stored.receiptKey,
    "127.0.0.1",
  ]) {
    expect(text).not.toContain(secret);
  }
});

test("records count the bytes of each request, also on one connection", async () => {
  const { provider } = await startProvider();
  const { uploadUrl } = await authorize(provider.url);
  const client = await rawClient(provider.url);
  const body = multipartBody(randomBytes(500_000));
  const headers = [
    "Content-Type: multipart/form-data; boundary=b0undary",
    `Content-Length: ${body.byteLength}`,
  ];
  client.send(
    Buffer.concat([Buffer.from(uploadHead(uploadUrl, headers)), body]),
  );
  const [, id = ""] = /"downloadUrl":"[^"]*\/([^"/]+)"/.exec(
    await client.receive("}"),
  ) ?? [""];
  client.send(`GET /backups/${id} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await until("both are recorded", () => provider.requests.length === 3);
  const [, up, down] = provider.requests;
  for (const bytes of [up?.receivedBytes, down?.sentBytes]) {
    expect(bytes).toBeGreaterThanOrEqual(500_000);
    expect(bytes).toBeLessThan(502_000);
  }
  expect(up?.sentBytes).toBeLessThan(2_000);
  expect(down?.receivedBytes).toBeLessThan(200);
});

test("browsers of any page may ask", async () => {
  const { provider } = await startProvider();
  const preflight = await fetch(`${provider.url}/backups/x`, {
    method: "OPTIONS",
    headers: {
      origin: "https://app.example",
      "access-control-request-method": "DELETE",
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-methods")).toContain(
    "DELETE",
  );
  const health = await fetch(`${provider.url}/healthz`);
  expect(health.headers.get("access-control-allow-origin")).toBe("*");
  expect(await health.json()).toEqual({ status: "ok" });
});

test("a largest file that the store cannot keep is refused at the start", async () => {
  const kept = await createDirectoryStore({
    directory: await temporaryDirectory(),
  });
  afterTest(() => kept.close());
  const directory = { ...kept, maxFileBytes: 1_000 };
  await expect(
    startProvider({ directory, maxBytes: 1_001 }),
  ).rejects.toMatchObject({ code: "settings-invalid" });
  await startProvider({ directory, maxBytes: 1_000 });
});
