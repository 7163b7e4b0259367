import dns from "node:dns";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test, vi } from "vitest";
import { authorize, startProvider, until } from "./testing/provider-fixture.js";
import { multipartBody, rawClient, uploadHead } from "./testing/raw-client.js";

const idleMs = 400;
const request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

/** Nothing of this process runs: no timer, no socket. */
function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Whether somebody listens there. */
async function takes(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test("a connection that says nothing is cut when it has been silent for as long as it may", async () => {
  const { provider } = await startProvider({ idleTimeoutMs: idleMs });
  const client = await rawClient(provider.url);
  const sinceMs = performance.now();
  await client.closed();
  expect(performance.now() - sinceMs).toBeGreaterThan(idleMs * 0.7);
});

test("a connection that rests after an answer is told how long it may, and cut", async () => {
  const { provider } = await startProvider({ idleTimeoutMs: 1_500 });
  const client = await rawClient(provider.url);
  client.send(request);
  await client.receive(/\r\nKeep-Alive: timeout=1\r\n/i);
  await client.closed();
});

test.each(["first", "next"])(
  "a %s request that came while the service stood still is heard before its connection is silent",
  async (which) => {
    const { provider } = await startProvider({ idleTimeoutMs: idleMs });
    const client = await rawClient(provider.url);
    // The service has taken the connection when it answers on it, or on a later one.
    const other = which === "next" ? client : await rawClient(provider.url);
    other.send(request);
    await other.receive("200 OK");
    const before = client.received().length;
    client.send(request);
    standStill(idleMs * 5);
    await until("the answer", () => client.received().length > before);
    expect(client.received().slice(before)).toContain("200 OK");
  },
);

test.each([
  ["empty lines after an answer", "", "\r\n"],
  ["a head after an answer", "GET /healthz HTTP/1.1\r\n", "A: b\r\n"],
  [
    "a body behind a path that is none",
    "POST /backups/%E0%A4%A HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n",
    "x",
  ],
  [
    "a body behind an expectation that is none",
    "POST /backups HTTP/1.1\r\nHost: x\r\nExpect: much\r\nContent-Length: 5000000\r\n\r\n",
    "x",
  ],
])("%s without end is not listened to for ever", async (_what, head, drop) => {
  const { provider } = await startProvider({
    idleTimeoutMs: idleMs,
    headersTimeoutMs: idleMs,
  });
  const client = await rawClient(provider.url);
  client.send(request);
  await client.receive("200 OK");
  client.send(head);
  const drip = setInterval(() => client.socket.write(drop), 20);
  try {
    await client.closed();
  } finally {
    clearInterval(drip);
  }
});

test("a name with two addresses is listened to on one of them, where the limits hold", async () => {
  const addresses = [
    { address: "127.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ];
  const real = dns.lookup;
  const lookup = (name: string, ...rest: unknown[]) => {
    const tell = rest.at(-1) as (error: null, found: unknown) => void;
    const isForAll = JSON.stringify(rest[0])?.includes('"all":true') === true;
    if (name === "localhost" && isForAll) tell(null, addresses);
    else Reflect.apply(real, dns, [name, ...rest]);
  };
  vi.spyOn(dns, "lookup").mockImplementation(lookup);
  const { provider } = await startProvider({ host: "localhost" });
  const { port } = new URL(provider.url);
  const taken = await Promise.all(
    addresses.map(({ address }) => takes(address, Number(port))),
  );
  expect(taken.filter((each) => each)).toHaveLength(1);
});

test("a connection that is used all the time is not cut", async () => {
  const { provider } = await startProvider({
    idleTimeoutMs: idleMs,
    headersTimeoutMs: idleMs,
  });
  const client = await rawClient(provider.url);
  const endAtMs = performance.now() + idleMs * 5;
  for (let count = 1; performance.now() < endAtMs; count += 1) {
    client.send(request);
    await until(
      "the next answer",
      () => client.received().split("200 OK").length > count,
    );
  }
  expect(client.socket.destroyed).toBe(false);
});

test("an upload that the service itself keeps waiting is not silent, and its connection is when it has its answer", async () => {
  let go = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  let isHeld = false;
  const { provider } = await startProvider({
    idleTimeoutMs: idleMs,
    hooks: {
      uploadStep: async () => {
        isHeld = true;
        await held;
        return "continue";
      },
    },
  });
  const { uploadUrl } = await authorize(provider.url);
  const body = multipartBody("kept");
  const client = await rawClient(provider.url);
  client.send(
    uploadHead(uploadUrl, [
      "Content-Type: multipart/form-data; boundary=b0undary",
      `Content-Length: ${body.length}`,
    ]),
  );
  client.send(body);
  await until("the upload is held", () => isHeld);
  await delay(idleMs * 2);
  go();
  await client.receive("201 Created");
  await client.closed();
});
