import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type RawServer } from "../testing/raw-server.js";
import {
  createHostileService,
  limits,
  token,
} from "../testing/hostile-service.js";

const { start, answering, client, smallFile, failureOf, close } =
  createHostileService();
afterEach(close);

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
    expect((await failureOf(upload(server, file))).code).toBe("backupTooLarge");
    expect(seen).toEqual({ reads: 1, cancelled: true });
    expect(server.received.join()).not.toContain("Content-Disposition");
  });

  it("stops sending when the service refuses in the middle", async () => {
    const server = await start((socket) => {
      socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      setTimeout(
        () =>
          socket.write("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\n{}"),
        30,
      );
    });
    const { file, seen } = watchedFile();
    expect((await failureOf(upload(server, file))).code).toBe("backupTooLarge");
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
    expect(await client.upload(`${server.url}/backups`, smallFile())).toEqual({
      downloadUrl: `${server.url}/backups/1`,
    });
    expect(server.received[0]).toContain("the history");
  });

  it("sends without asking where the service refuses to be asked (417)", async () => {
    const server = await start((socket, received) => {
      if (/^expect:/im.test(received())) {
        socket.end("HTTP/1.1 417 Expectation Failed\r\n\r\n");
        return;
      }
      const look = setInterval(() => {
        if (!bodyStarted(received) && !/--\r\n\r\n0\r\n\r\n$/.test(received()))
          return;
        clearInterval(look);
        storedAnswer(socket, server.port);
      }, 5);
    });
    expect(await client.upload(`${server.url}/backups`, smallFile())).toEqual({
      downloadUrl: `${server.url}/backups/1`,
    });
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
