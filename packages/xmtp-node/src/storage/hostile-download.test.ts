import { afterEach, describe, expect, it } from "vitest";
import { type RawServer } from "../testing/raw-server.js";
import { createHostileService, token } from "../testing/hostile-service.js";

const { start, answering, client, failureOf, close } = createHostileService();
afterEach(close);

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
