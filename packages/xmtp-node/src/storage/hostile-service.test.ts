import { createServer as createHttpsServer } from "node:https";
import type { Socket } from "node:net";
import { inspect } from "node:util";
import { waitFor } from "@carryover/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { createStorageProviderClient } from "../storage-provider-client.js";
import { testCertificate, testCertificateKey } from "../testing/certificate.js";
import { type RawServer, startRawServer } from "../testing/raw-server.js";

const token = "secret-ticket-0123456789";
const limits = {
  connectTimeoutMs: 300,
  idleTimeoutMs: 300,
  answerTimeoutMs: 300,
  continueTimeoutMs: 50,
};

describe("a hostile storage service", () => {
  const servers: RawServer[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
  });
  const start = async (speak: Parameters<typeof startRawServer>[0]) => {
    const server = await startRawServer(speak);
    servers.push(server);
    return server;
  };
  const answering = (text: string) => start((socket) => socket.end(text));
  const client = createStorageProviderClient({
    uploadSecret: new Uint8Array(32),
    limits,
  });

  const smallFile = () => new Blob(["the history"]).stream();
  const calls = {
    obtainUploadAuthorization: ({ url }: RawServer) =>
      client.obtainUploadAuthorization(`${url}/${token}`),
    upload: ({ url }: RawServer) =>
      client.upload(`${url}/backups?ticket=${token}`, smallFile()),
    findUpload: ({ url }: RawServer) =>
      client.findUpload(`${url}/backups?ticket=${token}`),
    download: async ({ url }: RawServer) => {
      const { body } = await client.download(`${url}/backups/${token}`, {
        fromByte: 0,
      });
      return await new Response(body).text();
    },
    deleteBackup: ({ url }: RawServer) =>
      client.deleteBackup({
        url: `${url}/backups/${token}`,
        receiptKey: token,
      }),
  };
  const everyCall = Object.entries(calls);

  /** What the call rejects with; nothing in it, its cause or their members may hold the token. */
  const failureOf = async (work: Promise<unknown>) => {
    let caught: unknown;
    try {
      await work;
    } catch (error) {
      caught = error;
    }
    expect(caught).toMatchObject({ name: "CarryoverError" });
    const everything = inspect(caught, { depth: 20, showHidden: true });
    expect(everything).not.toContain(token);
    expect(everything).not.toContain(Buffer.from(token).toString("hex"));
    return caught as Error & { code: string };
  };

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

  describe("upload", () => {
    const bodyStarted = (received: () => string) =>
      received().includes("\r\n\r\n--");
    const watchedFile = (chunks = Infinity) => {
      const seen = { reads: 0, cancelled: false };
      const file = new ReadableStream<Uint8Array>(
        {
          pull: (controller) => {
            seen.reads += 1;
            if (seen.reads > chunks) controller.close();
            else controller.enqueue(new Uint8Array(65_536));
          },
          cancel: () => {
            seen.cancelled = true;
          },
        },
        { highWaterMark: 0 },
      );
      return { file, seen };
    };
    const upload = (server: RawServer, file: ReadableStream<Uint8Array>) =>
      client.upload(`${server.url}/backups?ticket=${token}`, file);

    it("connects to nobody before the file has begun", async () => {
      const server = await start(() => undefined);
      const problem = new Error("the export failed");
      const file = new ReadableStream<Uint8Array>({
        start: (controller) => controller.error(problem),
      });
      await expect(upload(server, file)).rejects.toBe(problem);
      expect(server.received).toEqual([]);
    });

    it("sends nothing of the file to a service that refuses it in advance", async () => {
      const server = await answering(
        "HTTP/1.1 413 Too Large\r\nConnection: close\r\n\r\n",
      );
      const { file, seen } = watchedFile();
      expect((await failureOf(upload(server, file))).code).toBe(
        "backupTooLarge",
      );
      expect(seen).toEqual({ reads: 1, cancelled: true });
      expect(server.received.join()).not.toContain("Content-Disposition");
    });

    it("stops sending when the service refuses in the middle", async () => {
      const server = await start((socket) => {
        socket.write("HTTP/1.1 100 Continue\r\n\r\n");
        setTimeout(
          () =>
            socket.write(
              "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}",
            ),
          30,
        );
      });
      const { file, seen } = watchedFile();
      expect((await failureOf(upload(server, file))).code).toBe(
        "backupTooLarge",
      );
      expect(seen.cancelled).toBe(true);
    });

    const storedAnswer = (socket: Socket, port: number) =>
      socket.end(
        `HTTP/1.1 201 Created\r\n\r\n{"downloadUrl":"http://127.0.0.1:${port}/backups/1"}`,
      );

    it("sends without leave where the service says nothing to that", async () => {
      const server = await start((socket, received) => {
        const look = setInterval(() => {
          if (!/--\r\n\r\n0\r\n\r\n$/.test(received())) return;
          clearInterval(look);
          storedAnswer(socket, server.port);
        }, 5);
      });
      expect(await client.upload(`${server.url}/backups`, smallFile())).toEqual(
        { downloadUrl: `${server.url}/backups/1` },
      );
      expect(server.received[0]).toContain("the history");
    });

    it("sends without asking where the service refuses to be asked (417)", async () => {
      const server = await start((socket, received) => {
        if (/^expect:/im.test(received())) {
          socket.end("HTTP/1.1 417 Expectation Failed\r\n\r\n");
          return;
        }
        const look = setInterval(() => {
          if (
            !bodyStarted(received) &&
            !/--\r\n\r\n0\r\n\r\n$/.test(received())
          )
            return;
          clearInterval(look);
          storedAnswer(socket, server.port);
        }, 5);
      });
      expect(await client.upload(`${server.url}/backups`, smallFile())).toEqual(
        { downloadUrl: `${server.url}/backups/1` },
      );
      expect(server.received).toHaveLength(2);
    });

    it("gives up on a service that stops reading", async () => {
      const server = await start((socket) => {
        socket.write("HTTP/1.1 100 Continue\r\n\r\n");
        socket.pause();
      });
      const { file, seen } = watchedFile();
      expect((await failureOf(upload(server, file))).code).toBe(
        "storageUnavailable",
      );
      expect(seen.cancelled).toBe(true);
    });

    it("does not blame the service for a file that comes slowly", async () => {
      const server = await start((socket, received) => {
        socket.write("HTTP/1.1 100 Continue\r\n\r\n");
        const look = setInterval(() => {
          if (!/--\r\n\r\n0\r\n\r\n$/.test(received())) return;
          clearInterval(look);
          storedAnswer(socket, server.port);
        }, 5);
      });
      let reads = 0;
      const slow = new ReadableStream<Uint8Array>(
        {
          pull: async (controller) => {
            reads += 1;
            await new Promise((resolve) =>
              setTimeout(resolve, limits.idleTimeoutMs * 2),
            );
            if (reads === 3) controller.close();
            else controller.enqueue(new Uint8Array(10));
          },
        },
        { highWaterMark: 0 },
      );
      await upload(server, slow);
    });

    it("refuses a file that is said to lie at another origin", async () => {
      const server = await answering(
        `HTTP/1.1 201 Created\r\n\r\n{"downloadUrl":"https://example.org/${token}"}`,
      );
      expect((await failureOf(upload(server, smallFile()))).code).toBe(
        "storageRefused",
      );
    });
  });

  describe("download", () => {
    const download = (server: RawServer, fromByte = 0) =>
      client.download(`${server.url}/backups/${token}`, { fromByte });
    const read = async (server: RawServer, fromByte = 0) =>
      await new Response((await download(server, fromByte)).body).text();

    it.each([
      ["by its length", "Content-Length: 100\r\n\r\nhalf"],
      ["between chunks", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"],
      ["in a chunk", "Transfer-Encoding: chunked\r\n\r\nff\r\nhalf"],
    ])("says that a body was cut, %s", async (_name, rest) => {
      const server = await answering(`HTTP/1.1 200 OK\r\n${rest}`);
      expect((await failureOf(read(server))).code).toBe("storageUnavailable");
    });

    it("says that a body fell silent", async () => {
      const server = await start((socket) =>
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"),
      );
      expect((await failureOf(read(server))).code).toBe("storageUnavailable");
    });

    it("refuses an answer that goes on behind its end", async () => {
      const server = await answering(
        `HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone${token}`,
      );
      expect((await failureOf(read(server))).code).toBe("storageRefused");
    });

    it.each([
      ["another beginning", 206, "Content-Range: bytes 0-3/8"],
      ["no beginning", 206, ""],
      ["several parts", 206, "Content-Type: multipart/byteranges; boundary=x"],
      ["a range in another unit", 206, "Content-Range: pages 4-7/8"],
      ["nothing", 204, ""],
    ])("refuses a part with %s", async (_name, status, header) => {
      const server = await answering(
        `HTTP/1.1 ${status} Partial\r\n${header === "" ? "" : `${header}\r\n`}Content-Length: 4\r\n\r\nrest`,
      );
      expect((await failureOf(read(server, 4))).code).toBe("storageRefused");
    });

    it("refuses a part that it did not ask for", async () => {
      const server = await answering(
        "HTTP/1.1 206 Partial\r\nContent-Range: bytes 0-3/8\r\nContent-Length: 4\r\n\r\npart",
      );
      expect((await failureOf(read(server))).code).toBe("storageRefused");
    });

    it("goes on only with the file that it began with (If-Range)", async () => {
      const server = await answering(
        'HTTP/1.1 200 OK\r\nETag: "first"\r\nContent-Length: 4\r\n\r\nbody',
      );
      await read(server);
      await read(server, 2);
      expect(server.received[1]).toMatch(/^range: bytes=2-\r$/im);
      expect(server.received[1]).toMatch(/^if-range: "first"\r$/im);
    });

    it("trusts no weak version", async () => {
      const server = await answering(
        'HTTP/1.1 200 OK\r\nETag: W/"first"\r\nContent-Length: 4\r\n\r\nbody',
      );
      await read(server);
      await read(server, 2);
      expect(server.received[1]).not.toMatch(/^if-range:/im);
    });

    it("does not ask for ever where every byte is out of range", async () => {
      const server = await answering(
        "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n",
      );
      expect((await failureOf(read(server, 4))).code).toBe("storageRefused");
      expect(server.received).toHaveLength(2);
    });

    it.each([404, 410])("says that the file is gone (%i)", async (status) => {
      const server = await answering(`HTTP/1.1 ${status} Gone\r\n\r\n`);
      expect((await failureOf(read(server))).code).toBe("backupGone");
    });
  });

  describe("addresses", () => {
    it("connects to no name that leads into private address space", async () => {
      const server = await start((socket) => socket.end());
      const guarded = createStorageProviderClient({
        uploadSecret: new Uint8Array(32),
        limits,
        resolveName: async () => [{ address: "127.0.0.1", family: 4 }],
      });
      const url = `https://backups.example.org:${server.port}/${token}`;
      for (const work of [
        guarded.obtainUploadAuthorization(url),
        guarded.upload(url, smallFile()),
        guarded.findUpload(url),
        guarded.download(url, { fromByte: 0 }),
        guarded.deleteBackup({ url, receiptKey: token }),
      ])
        expect((await failureOf(work)).code).toBe("privateAddress");
      expect(server.received).toEqual([]);
    });

    it("asks for a name once, so that a second answer cannot differ", async () => {
      const answers = ["192.0.2.1", "10.0.0.1"];
      let asked = 0;
      const guarded = createStorageProviderClient({
        uploadSecret: new Uint8Array(32),
        limits,
        resolveName: async () => {
          asked += 1;
          return [{ address: answers[asked - 1] ?? "", family: 4 }];
        },
      });
      await failureOf(
        guarded.download("https://backups.example.org/x", { fromByte: 0 }),
      );
      expect(asked).toBe(1);
    });

    it("goes through no proxy of the environment", async () => {
      const trap = await start((socket) => socket.end());
      const server = await answering(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
      );
      const names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"];
      for (const name of names) process.env[name] = trap.url;
      try {
        expect(await calls.download(server)).toBe("ok");
      } finally {
        for (const name of names) Reflect.deleteProperty(process.env, name);
      }
      expect(trap.received).toEqual([]);
    });
  });

  describe("TLS", () => {
    it("trusts no certificate of the service's own making, unless told to", async () => {
      const server = createHttpsServer(
        { cert: testCertificate, key: testCertificateKey },
        (_request, response) => response.end("ok"),
      );
      await new Promise<void>((resolve) =>
        server.listen(0, "127.0.0.1", resolve),
      );
      try {
        const { port } = server.address() as { port: number };
        const url = `https://127.0.0.1:${port}/${token}`;
        const error = await failureOf(client.download(url, { fromByte: 0 }));
        expect(error.code).toBe("storageUnavailable");
        const trusting = createStorageProviderClient({
          uploadSecret: new Uint8Array(32),
          certificateAuthorities: [testCertificate],
        });
        const { body } = await trusting.download(url, { fromByte: 0 });
        expect(await new Response(body).text()).toBe("ok");
      } finally {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    });

    it("waits no longer than it should for a handshake", async () => {
      const server = await start(() => undefined);
      const url = `https://127.0.0.1:${server.port}/${token}`;
      const error = await failureOf(client.download(url, { fromByte: 0 }));
      expect(error.code).toBe("storageUnavailable");
      await waitFor("the connection", () => server.received.length === 1);
    });
  });
});
