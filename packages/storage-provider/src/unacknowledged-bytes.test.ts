import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { endianness } from "node:os";
import { expect, test } from "vitest";
import { afterTest, until } from "./testing/provider-fixture.js";
import { kernelForm, readUnacknowledgedBytes } from "./unacknowledged-bytes.js";

test.runIf(endianness() === "LE").each([
  ["127.0.0.1", "0100007F"],
  ["192.0.2.200", "C80200C0"],
  ["::", "00000000000000000000000000000000"],
  ["::1", "00000000000000000000000001000000"],
  ["::ffff:127.0.0.1", "0000000000000000FFFF00000100007F"],
  ["2001:db8::a:1", "B80D0120000000000000000001000A00"],
  ["fe80::1:2%eth0", "000080FE000000000000000002000100"],
  ["1:2:3:4:5:6:7:8", "02000100040003000600050008000700"],
])("an address %s is %s to the system", (address, expected) => {
  expect(kernelForm(address)).toBe(expected);
});

async function pair(listenOn: string, reach: string) {
  const server = createServer();
  server.listen(0, listenOn);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("port");
  const client = connect(address.port, reach);
  client.pause();
  const [socket] = (await once(server, "connection")) as [Socket];
  afterTest(async () => {
    client.destroy();
    socket.destroy();
    server.close();
  });
  return { client, socket };
}

test.runIf(process.platform === "linux").each([
  ["127.0.0.1", "127.0.0.1"],
  ["::1", "::1"],
  ["::", "127.0.0.1"],
])(
  "on %s, reached as %s, the system says what of a connection has not arrived",
  async (listenOn, reach) => {
    const { client, socket } = await pair(listenOn, reach);
    expect((await readUnacknowledgedBytes()).of(socket)).toBe(0);
    socket.write(Buffer.alloc(40_000_000));
    let before = 0;
    await until("the system is full", async () => {
      const last = before;
      before = (await readUnacknowledgedBytes()).of(socket) ?? 0;
      return before > 1_000 && before === last;
    });
    client.resume();
    await until(
      "all has arrived",
      async () =>
        socket.writableLength === 0 &&
        (await readUnacknowledgedBytes()).of(socket) === 0,
    );
    socket.destroy();
    await once(client, "close");
    expect((await readUnacknowledgedBytes()).of(socket)).toBeUndefined();
  },
);
