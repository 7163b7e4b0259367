import { createServer as createHttpsServer } from "node:https";
import { waitFor } from "@carryover/testkit";
import { afterEach, describe, expect, it } from "vitest";
import { createStorageProviderClient } from "../storage-provider-client.js";
import { testCertificate, testCertificateKey } from "../testing/certificate.js";
import {
  createHostileService,
  limits,
  token,
} from "../testing/hostile-service.js";

const { start, answering, client, smallFile, calls, failureOf, close } =
  createHostileService();
afterEach(close);

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
