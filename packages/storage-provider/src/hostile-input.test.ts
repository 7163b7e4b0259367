import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { beforeEach, describe, expect, test } from "vitest";
import type { StorageProviderOptions } from "./storage-provider-options.js";
import {
  authorize,
  problemCode,
  startProvider,
  store,
  until,
  upload,
  type Authorization,
  type ProviderFixture,
} from "./testing/provider-fixture.js";
import {
  multipartBody,
  rawClient,
  uploadHead,
  type RawClient,
} from "./testing/raw-client.js";

const type = "Content-Type: multipart/form-data; boundary=b0undary";
const disposition = 'Content-Disposition: form-data; name="file"; filename="x"';

let fixture: ProviderFixture;
let authorization: Authorization;
let client: RawClient;

/** Starts a service, and what speaks to it. */
async function begin(
  options: Partial<StorageProviderOptions> = {},
): Promise<void> {
  fixture = await startProvider({ maxBytes: 100_000, ...options });
  authorization = await authorize(fixture.provider.url);
  client = await rawClient(fixture.provider.url);
}
beforeEach(() => begin());

/** Nothing is kept, the ticket is still good, and the service still serves. */
async function expectUnharmed(): Promise<void> {
  await until("nothing is left", () => fixture.incoming().length === 0);
  expect(fixture.blobs()).toEqual([]);
  const response = await upload(authorization.uploadUrl, Buffer.from("good"));
  expect(response.status).toBe(201);
  const { downloadUrl } = (await response.json()) as { downloadUrl: string };
  expect(await (await fetch(downloadUrl)).text()).toBe("good");
}

/** Expects a final answer with this status that is a problem document with this code. */
async function expectProblem(status: number, code: string): Promise<void> {
  const text = await client.receive(/\r\n\r\n.*\}/s);
  expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(text.toLowerCase()).toContain(
    "content-type: application/problem+json",
  );
  expect(text).toContain(`"code":"${code}"`);
}

describe("bodies", () => {
  const part = (headers: string) =>
    `--b0undary\r\n${headers}\r\n\r\nx\r\n--b0undary--\r\n`;
  test.each([
    ["no part", "--b0undary--\r\n", "file-missing"],
    ["garbage", "garbage", "body-malformed"],
    [
      "a field",
      part('Content-Disposition: form-data; name="a"'),
      "file-missing",
    ],
    [
      "two files",
      `--b0undary\r\n${disposition}\r\n\r\nx\r\n${part(disposition)}`,
      "file-repeated",
    ],
    [
      "a thousand fields",
      `--b0undary\r\n${disposition}\r\n\r\nx`.repeat(1000),
      "body-malformed",
    ],
    ["a part header bomb", part("a: b\r\n".repeat(5000)), "body-malformed"],
    ["a cut body", `--b0undary\r\n${disposition}\r\n\r\nx`, "body-malformed"],
  ])("%s", async (_name, body, code) => {
    client.send(
      uploadHead(authorization.uploadUrl, [
        type,
        `Content-Length: ${Buffer.byteLength(body)}`,
      ]) + body,
    );
    await expectProblem(400, code);
    await expectUnharmed();
  });

  test("endless fields are refused long before they end", async () => {
    client.send(
      uploadHead(authorization.uploadUrl, [type, "Transfer-Encoding: chunked"]),
    );
    const field = `--b0undary\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n`;
    client.send(`${field.length.toString(16)}\r\n${field}\r\n`);
    await expectProblem(400, "file-missing");
    await expectUnharmed();
  });

  test("a chunked body without end is cut at the limit of the ticket", async () => {
    client.send(
      uploadHead(authorization.uploadUrl, [type, "Transfer-Encoding: chunked"]),
    );
    const start = multipartBody("").toString().split("\r\n--")[0] ?? "";
    client.send(`${start.length.toString(16)}\r\n${start}\r\n`);
    const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
    const flood = setInterval(() => client.socket.write(chunk), 1);
    try {
      await expectProblem(413, "too-large");
      await client.closed();
    } finally {
      clearInterval(flood);
    }
    await expectUnharmed();
  });

  test.each([
    ["shorter than the body", "40", 400, "body-malformed"],
    ["beyond the limit", "99999999999", 413, "too-large"],
  ] as const)("a length %s", async (_name, length, status, code) => {
    client.send(
      uploadHead(authorization.uploadUrl, [type, `Content-Length: ${length}`]),
    );
    client.send(multipartBody("x"));
    await expectProblem(status, code);
    await expectUnharmed();
  });

  test.each(["-1", "1e3", "0x10", "1 2", "abc", "99999999999999999999999"])(
    "a length of %s is not HTTP",
    async (length) => {
      client.send(
        uploadHead(authorization.uploadUrl, [
          type,
          `Content-Length: ${length}`,
        ]),
      );
      await expectProblem(400, "request-malformed");
      await expectUnharmed();
    },
  );

  test("length and chunks together, the way requests are smuggled, are not HTTP", async () => {
    client.send(
      uploadHead(authorization.uploadUrl, [
        type,
        "Content-Length: 5",
        "Transfer-Encoding: chunked",
      ]) + "0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    );
    await expectProblem(400, "request-malformed");
    await expectUnharmed();
  });

  test.each([
    "text/plain",
    "multipart/mixed; boundary=a",
    "application/json",
    "",
    "\u00e9/;",
  ])("a body of type %j", async (mediaType) => {
    client.send(
      uploadHead(authorization.uploadUrl, [
        `Content-Type: ${mediaType}`,
        "Content-Length: 2",
      ]) + "{}",
    );
    await expectProblem(415, "media-type");
    await expectUnharmed();
  });

  test("a compressed body", async () => {
    client.send(
      uploadHead(authorization.uploadUrl, [
        type,
        "Content-Encoding: gzip",
        "Content-Length: 2",
      ]) + "xx",
    );
    await expectProblem(415, "media-type");
    await expectUnharmed();
  });

  test("an authorization request with a body too large, too deep or not JSON", async () => {
    const post = (body: string, contentType = "application/json") =>
      fetch(`${fixture.provider.url}/authorizations`, {
        method: "POST",
        headers: { "content-type": contentType },
        body,
      });
    expect(await problemCode(await post(`"${"x".repeat(5000)}"`))).toBe(
      "too-large",
    );
    for (const body of [
      "{",
      "[]",
      '"x"',
      "1",
      "[".repeat(4000),
      '{"__proto__":{"count":1}}',
      "",
    ]) {
      const response = await post(body);
      expect([body, response.status, await problemCode(response)]).toEqual([
        body,
        400,
        "body-malformed",
      ]);
    }
    expect(await problemCode(await post("x", "text/plain"))).toBe("media-type");
    await expectUnharmed();
  });
});

describe("slow and vanishing clients", () => {
  // Only here: a busy machine is slow with good requests, too.
  beforeEach(() =>
    begin({
      idleTimeoutMs: 300,
      headersTimeoutMs: 1_000,
      slowGraceMs: 500,
      minUploadBytesPerSecond: 1_000,
    }),
  );

  test("headers that never end", async () => {
    client.send("POST /backups HTTP/1.1\r\nHost: x\r\nX: ");
    const drip = setInterval(() => client.socket.write("a"), 20);
    try {
      const text = await client.closed();
      expect(text).toMatch(/^HTTP\/1\.1 408 /);
    } finally {
      clearInterval(drip);
    }
    await expectUnharmed();
  });

  test("a connection that says nothing", async () => {
    await client.closed();
    await expectUnharmed();
  });

  test("a length longer than the body", async () => {
    client.send(
      uploadHead(authorization.uploadUrl, [type, "Content-Length: 200"]),
    );
    client.send(multipartBody("x"));
    await expectProblem(408, "timeout");
    await expectUnharmed();
  });

  test("a body that stops", async () => {
    client.send(
      uploadHead(authorization.uploadUrl, [type, "Content-Length: 5000"]),
    );
    client.send(multipartBody("x").subarray(0, 50));
    await expectProblem(408, "timeout");
    await expectUnharmed();
  });

  test("a body that drips", async () => {
    client.send(
      uploadHead(authorization.uploadUrl, [type, "Content-Length: 50000"]),
    );
    const body = multipartBody("x".repeat(50_000));
    let at = 0;
    const drip = setInterval(() => {
      client.socket.write(body.subarray(at, at + 5));
      at += 5;
    }, 20);
    try {
      await expectProblem(408, "timeout");
    } finally {
      clearInterval(drip);
    }
    await expectUnharmed();
  });

  test.each([
    "POST /authorizations HTTP/1.1",
    "DELETE /backups/x HTTP/1.1",
    "GET /healthz HTTP/1.1",
    "POST /nothing HTTP/1.1",
  ])("a body that drips into %s", async (line) => {
    client.send(
      `${line}\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4000\r\n\r\n{`,
    );
    const drip = setInterval(() => client.socket.write(" "), 20);
    try {
      await client.closed();
    } finally {
      clearInterval(drip);
    }
    await expectUnharmed();
  });

  test("a reader that stops reading is cut off", async () => {
    const big = await startProvider({ idleTimeoutMs: 1_000 });
    const stored = await store(big.provider.url, randomBytes(30_000_000));
    const reader = await rawClient(big.provider.url);
    reader.socket.pause();
    reader.send(
      `GET ${new URL(stored.downloadUrl).pathname} HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    await until("the download is over", () =>
      big.provider.requests.some(({ method }) => method === "GET"),
    );
    expect(reader.socket.bytesRead).toBeLessThan(30_000_000);
    await expectUnharmed();
  });

  test("a reader that stops reading what it asked for behind an upload is cut off", async () => {
    const big = await startProvider({ idleTimeoutMs: 1_000 });
    const stored = await store(big.provider.url, randomBytes(30_000_000));
    const { uploadUrl } = await authorize(big.provider.url);
    const reader = await rawClient(big.provider.url);
    reader.socket.pause();
    const body = multipartBody("small");
    reader.send(
      uploadHead(uploadUrl, [type, `Content-Length: ${body.length}`]),
    );
    reader.send(body);
    reader.send(
      `GET ${new URL(stored.downloadUrl).pathname} HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    await until(
      "the download is over",
      () => big.provider.requests.some(({ method }) => method === "GET"),
      10_000,
    );
    expect(big.blobs()).toHaveLength(2);
  });

  test("a reader of a byte now and then is cut off", async () => {
    const big = await startProvider({ idleTimeoutMs: 1_000 });
    const stored = await store(big.provider.url, randomBytes(30_000_000));
    const reader = await rawClient(big.provider.url);
    reader.socket.pause();
    reader.send(
      `GET ${new URL(stored.downloadUrl).pathname} HTTP/1.1\r\nHost: x\r\n\r\n`,
    );
    const sip = setInterval(() => {
      reader.socket.read(1);
    }, 20);
    try {
      await until("the download is over", () =>
        big.provider.requests.some(({ method }) => method === "GET"),
      );
    } finally {
      clearInterval(sip);
    }
  });

  test("clients that vanish at every point of an upload", async () => {
    const body = multipartBody("content of the file");
    const head = uploadHead(authorization.uploadUrl, [
      type,
      `Content-Length: ${body.byteLength}`,
    ]);
    const whole = Buffer.concat([Buffer.from(head), body]);
    for (let length = 1; length < whole.byteLength; length += 23) {
      const each = await rawClient(fixture.provider.url);
      await new Promise<void>((resolve) => {
        each.socket.write(whole.subarray(0, length), () => {
          each.socket.resetAndDestroy();
          resolve();
        });
      });
    }
    await expectUnharmed();
  });
});

describe("requests", () => {
  test.each([
    ["not HTTP", "\x00\x01\x02\x03\r\n\r\n"],
    ["TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"],
    ["a header with a null", "GET / HTTP/1.1\r\nHost: x\r\nA: \x00\r\n\r\n"],
    ["a header without colon", "GET / HTTP/1.1\r\nHost: x\r\nnope\r\n\r\n"],
    ["no host", "GET / HTTP/1.1\r\n\r\n"],
    [
      "percent signs that mean nothing",
      "GET /backups/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    [
      "percent signs that mean no text",
      "GET /backups/%ff%fe HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
  ])("%s", async (_name, bytes) => {
    client.send(Buffer.from(bytes, "latin1"));
    await client.receive(/^HTTP\/1\.1 400 /);
    await expectUnharmed();
  });

  test.each([
    ["one header of 20 kB", `X: ${"a".repeat(20_000)}`],
    ["a path of 20 kB", undefined],
  ])("%s", async (_name, header) => {
    client.send(
      header === undefined
        ? `GET /backups/${"a".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`
        : `GET /healthz HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`,
    );
    await expectProblem(431, "headers-too-large");
    await expectUnharmed();
  });

  test("thousands of tiny headers are survived", async () => {
    client.send(
      `GET /healthz HTTP/1.1\r\nHost: x\r\n${"X: a\r\n".repeat(3_000)}\r\n`,
    );
    await client.receive(/^HTTP\/1\.1 (200|431) /);
    await expectUnharmed();
  });

  test("garbage behind a request does not get into its answer", async () => {
    const stored = await store(fixture.provider.url, randomBytes(90_000));
    const path = new URL(stored.downloadUrl).pathname;
    client.send(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n\x00garbage\r\n\r\n`);
    const [head = "", ...rest] = (await client.closed()).split("\r\n\r\n");
    const body = Buffer.from(rest.join("\r\n\r\n"), "latin1");
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    expect(createHash("sha256").update(body).digest("hex")).toBe(stored.sha256);
  });

  /** Asks, and reads on only once `meanwhile` is over. */
  async function readLate(
    ask: (path: string) => string,
    meanwhile: (origin: string) => Promise<void>,
  ): Promise<{ text: string; file: Buffer }> {
    const big = await startProvider({ idleTimeoutMs: 5_000 });
    const file = randomBytes(20_000_000);
    const stored = await store(big.provider.url, file);
    client = await rawClient(big.provider.url);
    client.send(ask(new URL(stored.downloadUrl).pathname));
    await client.receive("octet-stream");
    client.socket.pause();
    await meanwhile(big.provider.url);
    client.socket.resume();
    return { text: await client.closed(), file };
  }
  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn += 1) {
      client.send("\x00garbage\r\n\r\n");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  test("garbage behind a file that follows another answer does not get into the file", async () => {
    const { text, file } = await readLate(
      (path) =>
        `GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`,
      () => turns(1),
    );
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(2);
    expect(text.endsWith(file.toString("latin1"))).toBe(true);
  });

  test("a broken upload behind a file does not get into the file", async () => {
    const { text, file } = await readLate(
      (path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`,
      async (origin) => {
        const { uploadUrl } = await authorize(origin);
        client.send(
          uploadHead(uploadUrl, [type, "Transfer-Encoding: chunked"]),
        );
        client.send("not a length\r\n");
        await new Promise((resolve) => setTimeout(resolve, 100));
      },
    );
    const [, ...rest] = text.split("\r\n\r\n");
    const body = Buffer.from(rest.join("\r\n\r\n"), "latin1");
    expect(body.equals(file.subarray(0, body.byteLength))).toBe(true);
  });

  test("garbage that goes on and on behind a file leaves nothing behind", async () => {
    const warnings: string[] = [];
    const warn = (warning: Error) => warnings.push(warning.name);
    process.on("warning", warn);
    try {
      const { text, file } = await readLate(
        (path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`,
        () => turns(30),
      );
      expect(text.endsWith(file.toString("latin1"))).toBe(true);
    } finally {
      process.off("warning", warn);
    }
    expect(warnings).toEqual([]);
  });

  test("a client that waits for leave to send a body gets a large file, and the connection ends", async () => {
    const { text, file } = await readLate(
      (path) =>
        `GET ${path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n`,
      () => Promise.resolve(),
    );
    expect(text.toLowerCase()).toContain("\r\nconnection: close\r\n");
    expect(text.endsWith(file.toString("latin1"))).toBe(true);
  });

  test("thousands of requests ahead of their answers end the connection, and few are worked on", async () => {
    const stored = await store(fixture.provider.url, randomBytes(90_000));
    const path = new URL(stored.downloadUrl).pathname;
    const before = fixture.provider.requests.length;
    client.send(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`.repeat(5_000));
    await client.closed();
    await until(
      "what was begun is recorded",
      () => fixture.provider.requests.length > before,
    );
    expect(fixture.provider.requests.length - before).toBeLessThanOrEqual(64);
    expect((await fetch(stored.downloadUrl)).status).toBe(200);
  });

  test("as many requests ahead as are allowed are answered", async () => {
    client.send("HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(64));
    const answered = () =>
      client.received().match(/HTTP\/1\.1 200 /g)?.length ?? 0;
    await until("all are answered", () => answered() === 64);
  });

  test("an unknown expectation", async () => {
    client.send(
      uploadHead(authorization.uploadUrl, [
        type,
        "Expect: a pony",
        "Content-Length: 5",
      ]),
    );
    await client.receive(/^HTTP\/1\.1 417 /);
    await expectUnharmed();
  });

  test("an upgrade to another protocol", async () => {
    client.send(
      "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    );
    await client.receive(/^HTTP\/1\.1 /);
    await expectUnharmed();
  });

  test("a request without end behind an answer is cut off", async () => {
    client.send(
      "GET /healthz HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    await client.receive("HTTP/1.1 200 ");
    const chunk = `10000\r\n${"x".repeat(65_536)}\r\n`;
    const flood = setInterval(() => client.socket.write(chunk), 1);
    try {
      await client.closed();
    } finally {
      clearInterval(flood);
    }
    await expectUnharmed();
  });

  test("several requests in one packet are answered in order", async () => {
    client.send(
      "HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /nothing HTTP/1.1\r\nHost: x\r\n\r\n",
    );
    const text = await client.receive("not-found");
    expect(text.match(/HTTP\/1\.1 (\d+)/g)).toEqual([
      "HTTP/1.1 200",
      "HTTP/1.1 404",
    ]);
  });
});

describe("names and keys", () => {
  test.each([
    "..",
    "../incoming",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e%2fblobs",
    "..%5c..%5cx",
    "%00",
    "a%00b",
    ".",
    "x",
    "A".repeat(26),
    "A".repeat(26) + "B",
    "A".repeat(28),
    "a".repeat(200),
    "AAAAAAAAAAAAA/AAAAAAAAAAAAA",
    "con",
    "%F0%9F%98%80",
  ])("the name %s is nobody's", async (name) => {
    for (const method of ["GET", "HEAD", "DELETE"]) {
      const each = await rawClient(fixture.provider.url);
      each.send(
        `${method} /backups/${name} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${authorization.receiptKey}\r\n\r\n`,
      );
      await each.receive(/^HTTP\/1\.1 (403|404|400|414) /);
      expect(each.received()).not.toMatch(/^HTTP\/1\.1 403[^]*GET/);
    }
    await expectUnharmed();
  });

  test.each([
    ["no ticket", "", 401, "ticket-missing"],
    ["an empty ticket", "?ticket=", 401, "ticket-missing"],
    ["two tickets", "?ticket=a&ticket=b", 401, "ticket-invalid"],
    ["a ticket of another shape", "?ticket[a]=b", 401, "ticket-missing"],
    ["a path", "?ticket=../../x", 401, "ticket-invalid"],
    ["a long ticket", `?ticket=${"A".repeat(8_000)}`, 401, "ticket-invalid"],
    ["a ticket in the prototype", "?__proto__=a", 401, "ticket-missing"],
  ])("%s", async (_name, query, status, code) => {
    const response = await upload(
      `${fixture.provider.url}/backups${query}`,
      Buffer.from("x"),
    );
    expect([response.status, await problemCode(response)]).toEqual([
      status,
      code,
    ]);
    await expectUnharmed();
  });

  test.each(["version", "name", "limit", "expiry", "signature"])(
    "a ticket with its %s altered uploads nothing",
    async (field) => {
      const offset =
        { version: 0, name: 5, limit: 28, expiry: 33, signature: 50 }[field] ??
        0;
      const url = new URL(authorization.uploadUrl);
      const bytes = Buffer.from(
        url.searchParams.get("ticket") ?? "",
        "base64url",
      );
      bytes[offset] = (bytes[offset] ?? 0) ^ 0xff;
      url.searchParams.set("ticket", bytes.toString("base64url"));
      const response = await upload(url.href, Buffer.from("x"));
      expect(await problemCode(response)).toBe("ticket-invalid");
      await expectUnharmed();
    },
  );

  test("methods that an address does not take", async () => {
    for (const [method, path] of [
      ["PUT", "/backups/x"],
      ["PATCH", "/backups"],
      ["GET", "/backups"],
      ["TRACE", "/"],
      ["GET", "/backups/"],
      ["GET", "//backups/x"],
    ]) {
      const each = await rawClient(fixture.provider.url);
      each.send(`${method} ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await each.receive(/^HTTP\/1\.1 40[45] /);
    }
    await expectUnharmed();
  });
});

test("preconditions and ranges of a download", async () => {
  const { downloadUrl, sha256 } = await store(
    fixture.provider.url,
    Buffer.from("0123456789"),
  );
  const get = async (headers: Record<string, string>) => {
    const response = await fetch(downloadUrl, { headers });
    return [
      response.status,
      response.headers.get("content-range"),
      await response.text(),
    ];
  };
  expect(await get({ range: "bytes=2-4" })).toEqual([
    206,
    "bytes 2-4/10",
    "234",
  ]);
  expect(await get({ range: "bytes=-3" })).toEqual([
    206,
    "bytes 7-9/10",
    "789",
  ]);
  expect(await get({ range: "bytes=0-1,4-5" })).toEqual([
    200,
    null,
    "0123456789",
  ]);
  const outside = await fetch(downloadUrl, { headers: { range: "bytes=10-" } });
  expect(outside.headers.get("content-range")).toBe("bytes */10");
  expect(await problemCode(outside)).toBe("range-unsatisfiable");
  const etag = `"${sha256}"`;
  expect(await get({ range: "bytes=2-4", "if-range": etag })).toEqual([
    206,
    "bytes 2-4/10",
    "234",
  ]);
  expect(await get({ range: "bytes=2-4", "if-range": '"other"' })).toEqual([
    200,
    null,
    "0123456789",
  ]);
  expect(await get({ "if-none-match": `W/${etag}` })).toEqual([304, null, ""]);
  expect(await get({ "if-none-match": '"other", "more"' })).toEqual([
    200,
    null,
    "0123456789",
  ]);
  expect((await get({ "if-match": '"other"' }))[0]).toBe(412);
  expect((await get({ "if-match": `W/${etag}` }))[0]).toBe(412);
  expect((await get({ "if-match": `"other", ${etag}` }))[0]).toBe(200);
  const head = await fetch(downloadUrl, {
    method: "HEAD",
    headers: { range: "bytes=2-4" },
  });
  expect([head.status, head.headers.get("content-length")]).toEqual([206, "3"]);
});

test("a port in use is told as such", async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
  const address = taken.address();
  const port = typeof address === "object" ? (address?.port ?? 0) : 0;
  try {
    await expect(startProvider({ port })).rejects.toMatchObject({
      code: "unavailable",
      message: "the address cannot be listened on (EADDRINUSE)",
    });
  } finally {
    taken.close();
  }
});
