import { randomBytes } from "node:crypto";
import {
  createPerson,
  createTestNetwork,
  newInstallation,
  startStorageProvider,
  type TestNetwork,
  type TestStorage,
} from "@carryover/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createInstallation } from "../installation.js";
import { createStorageProviderClient } from "../storage-provider-client.js";
import { startRawServer } from "../testing/raw-server.js";

const uploadSecret = new Uint8Array(32).fill(1);
const file = () => new Blob(["the history"]).stream();

describe("upload authorization", () => {
  let network: TestNetwork;
  beforeEach(async () => {
    network = await createTestNetwork();
  });
  afterEach(() => network.close());
  const start = async (
    authorization: Parameters<typeof startStorageProvider>[0],
  ): Promise<TestStorage> => {
    const storage = await startStorageProvider(authorization);
    network.onClose(() => storage.close());
    return storage;
  };

  it("goes to a service under a path, with or without a slash", async () => {
    const storage = await start({});
    const client = createStorageProviderClient({ uploadSecret });
    for (const url of [storage.url, `${storage.url}/`]) {
      const { uploadUrl } = await client.obtainUploadAuthorization(url);
      await client.upload(uploadUrl, file());
    }
  });

  it("reaches a service on localhost by its name", async () => {
    const storage = await start({});
    const client = createStorageProviderClient({ uploadSecret });
    const { port } = new URL(storage.url);
    await client.obtainUploadAuthorization(`http://localhost:${port}`);
  });

  it("shows an API key to the origin that it is for, and to no other", async () => {
    const key = "an-api-key-of-the-operator";
    const storage = await start({
      authorization: { mode: "apiKey", keys: [key] },
    });
    const other = await startRawServer((socket) =>
      socket.end("HTTP/1.1 401 Unauthorized\r\n\r\n"),
    );
    network.onClose(() => other.close());
    const client = createStorageProviderClient({
      uploadSecret,
      apiKeys: { [storage.url]: key },
    });
    const { uploadUrl } = await client.obtainUploadAuthorization(storage.url);
    await client.upload(uploadUrl, file());
    await expect(
      client.obtainUploadAuthorization(other.url),
    ).rejects.toMatchObject({ code: "storageRefused" });
    expect(other.received.join()).not.toContain(key);
    await expect(
      createStorageProviderClient({
        uploadSecret,
      }).obtainUploadAuthorization(storage.url),
    ).rejects.toMatchObject({ code: "storageRefused" });
  });

  it("proves to a service that asks for it that this is a live installation", async () => {
    const storage = await start({
      authorization: {
        mode: "installation",
        env: "local",
        apiUrl: network.apiUrl,
      },
    });
    const alix = createPerson(network);
    const own = await newInstallation(alix);
    const client = createStorageProviderClient({
      uploadSecret,
      installation: createInstallation(own),
    });
    const { uploadUrl } = await client.obtainUploadAuthorization(storage.url);
    await client.upload(uploadUrl, file());

    const other = await newInstallation(alix);
    await other.revokeInstallations([own.installationIdBytes]);
    await expect(
      client.obtainUploadAuthorization(storage.url),
    ).rejects.toMatchObject({ code: "storageRefused" });
  });

  it("signs no challenge for a service that calls itself by another address", async () => {
    const signed: string[] = [];
    const own = createInstallation(
      await newInstallation(createPerson(network)),
    );
    const relay = await startRawServer((socket, received) =>
      socket.end(
        received().startsWith("POST /authorizations/challenges")
          ? 'HTTP/1.1 201 Created\r\n\r\n{"challenge":"abc","service":"https://backups.example.org"}'
          : "HTTP/1.1 401 Unauthorized\r\n\r\n",
      ),
    );
    network.onClose(() => relay.close());
    const client = createStorageProviderClient({
      uploadSecret,
      installation: {
        inboxId: own.inboxId,
        installationId: own.installationId,
        sign: async (text) => {
          signed.push(text);
          return await own.sign(text);
        },
      },
    });
    await expect(
      client.obtainUploadAuthorization(relay.url),
    ).rejects.toMatchObject({ code: "storageRefused" });
    expect(signed).toEqual([]);
  });

  it("keeps the result of an upload from others who know the upload URL", async () => {
    const storage = await start({});
    const client = createStorageProviderClient({ uploadSecret });
    const { uploadUrl } = await client.obtainUploadAuthorization(storage.url);
    const stored = await client.upload(uploadUrl, file());
    const other = createStorageProviderClient({
      uploadSecret: randomBytes(32),
    });
    await expect(other.findUpload(uploadUrl)).rejects.toMatchObject({
      code: "uploadAuthorizationUsed",
    });
    // The same installation after a restart.
    const again = createStorageProviderClient({ uploadSecret });
    expect(await again.findUpload(uploadUrl)).toEqual(stored);
  });
});
