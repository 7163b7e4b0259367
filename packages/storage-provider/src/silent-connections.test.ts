import { expect, test } from "vitest";
import { authorize, startProvider, until } from "./testing/provider-fixture.js";
import { multipartBody, rawClient, uploadHead } from "./testing/raw-client.js";

const idleMs = 400;
const request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

/** Nothing of this process runs: no timer, no socket. */
function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
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

test("what has come while the service stood still is heard before its connection is silent", async () => {
  const { provider } = await startProvider({ idleTimeoutMs: idleMs });
  const client = await rawClient(provider.url);
  // The service has taken the connection when it answers on a later one.
  const later = await rawClient(provider.url);
  later.send(request);
  await later.receive("200 OK");
  client.send(request);
  standStill(idleMs * 2);
  await client.receive("200 OK");
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
  await new Promise((resolve) => setTimeout(resolve, idleMs * 2));
  go();
  await client.receive("201 Created");
  await client.closed();
});
