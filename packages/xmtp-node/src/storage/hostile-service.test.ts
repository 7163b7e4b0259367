import { afterEach, describe, expect, it } from "vitest";
import { createHostileService, token } from "../testing/hostile-service.js";

const { start, answering, calls, failureOf, close } = createHostileService();
afterEach(close);

const everyCall = Object.entries(calls);

describe.each(everyCall)("%s", (_, call) => {
  it.each([301, 302, 303, 307, 308, 300, 304])(
    "follows no redirect (%i)",
    async (status) => {
      const trap = await answering("HTTP/1.1 200 OK\r\n\r\n{}");
      const server = await answering(
        `HTTP/1.1 ${status} Elsewhere\r\nLocation: ${trap.url}/${token}\r\nContent-Length: 0\r\n\r\n`,
      );
      expect((await failureOf(call(server))).code).toBe("redirectRefused");
      expect(trap.received).toEqual([]);
      expect(server.received).toHaveLength(1);
    },
  );

  it("waits no longer than it should for an answer", async () => {
    const server = await start(() => undefined);
    expect((await failureOf(call(server))).code).toBe("storageUnavailable");
  });

  it("waits no longer when the headers come in drops", async () => {
    const server = await start((socket) => {
      socket.write("HTTP/1.1 200 OK\r\nX-Slow: ");
      const drip = setInterval(() => socket.write("a"), 50);
      socket.on("close", () => clearInterval(drip));
    });
    expect((await failureOf(call(server))).code).toBe("storageUnavailable");
  });

  it("takes no more headers than it should", async () => {
    const server = await answering(
      `HTTP/1.1 200 OK\r\nX-Large: ${"a".repeat(17_000)}\r\n\r\n`,
    );
    expect((await failureOf(call(server))).code).toBe("storageRefused");
  });

  it("takes no interim answers without end", async () => {
    const server = await start((socket) => {
      const flood = setInterval(
        () =>
          socket.write(
            "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n".repeat(5),
          ),
        5,
      );
      socket.on("close", () => clearInterval(flood));
    });
    expect((await failureOf(call(server))).code).toBe("storageRefused");
  });

  it.each([
    ["no HTTP", `SSH-2.0-OpenSSH_9.9 ${token}\r\n`],
    [
      "two lengths",
      `HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n${token}`,
    ],
    [
      "a length and chunks",
      `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n${token}`,
    ],
    ["a bare line feed", `HTTP/1.1 200 OK\nX: ${token}\n\n`],
    [
      "a switch of protocols",
      "HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    ],
  ])("takes no %s", async (_name, text) => {
    const server = await answering(text);
    expect(["storageRefused", "storageUnavailable"]).toContain(
      (await failureOf(call(server))).code,
    );
  });

  it("says that the service went away without an answer", async () => {
    const server = await start((socket) => socket.destroy());
    expect((await failureOf(call(server))).code).toBe("storageUnavailable");
  });

  it.each([
    [408, "storageUnavailable"],
    [429, "storageUnavailable"],
    [500, "storageUnavailable"],
    [503, "storageUnavailable"],
    [507, "storageUnavailable"],
    [401, "storageRefused"],
    [403, "storageRefused"],
    [418, "storageRefused"],
  ])("takes %i for %s", async (status, code) => {
    const server = await answering(
      `HTTP/1.1 ${status} No\r\nContent-Type: application/problem+json\r\n\r\n{"code":"${token}","detail":"${token}"}`,
    );
    expect((await failureOf(call(server))).code).toBe(code);
  });
});

const jsonCalls = everyCall.filter(([name]) =>
  ["obtainUploadAuthorization", "upload"].includes(name),
);
describe.each(jsonCalls)("%s", (_, call) => {
  it.each([
    ["no JSON", `${token}{`],
    ["nothing", ""],
    ["a list", "[]"],
    ["nothing but null", "null"],
    ["an object without an address", `{"token":"${token}"}`],
    ["deep nesting", "[".repeat(60_000)],
    ["an address that is a number", '{"uploadUrl":1,"downloadUrl":1}'],
    [
      "an address that is a script",
      '{"uploadUrl":"javascript:0","downloadUrl":"javascript:0"}',
    ],
    ["more than it should", `{"a":"${"a".repeat(70_000)}"}`],
  ])("refuses %s in an answer", async (_name, body) => {
    const server = await answering(`HTTP/1.1 201 Created\r\n\r\n${body}`);
    expect((await failureOf(call(server))).code).toBe("storageRefused");
  });

  it("waits no longer than it should for the rest of an answer", async () => {
    for (const everyMs of [50, 100_000]) {
      const server = await start((socket) => {
        socket.write('HTTP/1.1 201 Created\r\n\r\n{"a":"');
        const drip = setInterval(() => socket.write("a"), everyMs);
        socket.on("close", () => clearInterval(drip));
      });
      expect((await failureOf(call(server))).code).toBe("storageUnavailable");
    }
  });

  it("says that an answer was cut", async () => {
    const server = await answering(
      'HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"a":',
    );
    expect((await failureOf(call(server))).code).toBe("storageUnavailable");
  });
});
