import { randomUUID } from "node:crypto";
import type {
  CarryoverErrorCode,
  StorageProviderClient,
} from "@carryover/client";
import { later } from "@carryover/chromium";
import {
  createPerson,
  createTestNetwork,
  startStorageProvider,
} from "@carryover/testkit";
import {
  describeJournalContract,
  describeScratchContract,
  describeStateStoreContract,
  describeStorageProviderClientContract,
} from "@carryover/testkit/contracts";
import { describeVectorReader } from "@carryover/testkit/backup-file-vectors";
import { createSpinningArchive } from "@carryover/testkit/spinning-archive";
import { afterEach, describe, expect, it } from "vitest";
import type { FetchLimits } from "./storage/fetch-limits.js";
import { startHostileService } from "./testing/hostile-service.js";
import type { PortsProgram } from "./testing/ports-page.js";
import { usePortsInChromium } from "./testing/ports-in-chromium.js";

const page = usePortsInChromium();

describeScratchContract("browser, origin private file system", () =>
  scratchSubject("opfs"),
);
describeScratchContract("browser, memory", () => scratchSubject("memory"));

async function scratchSubject(kind: "opfs" | "memory") {
  const name = randomUUID();
  const open = () => page.program.openScratch(name, kind);
  return { open, close: async () => await (await open()).removeAll() };
}

describeJournalContract("browser", async () => ({
  open: () => page.program.openJournal(),
  close: () => page.program.clearJournal("removed"),
}));

describe("browser: who writes with a file's installation", () => {
  it("is one at a time, and others at the same time with others", async () => {
    const [one, other] = [newInstallationId(), newInstallationId()];
    const lock = await page.program.lockRefreshes(one);
    await expect(page.program.lockRefreshes(one)).rejects.toMatchObject({
      code: "stateLocked",
    });
    await (await page.program.lockRefreshes(other)).release();
    await lock.release();
    await (await page.program.lockRefreshes(one)).release();
  });
});

const newInstallationId = () =>
  `${randomUUID()}${randomUUID()}`.replaceAll("-", "");

describeStateStoreContract("browser", async () => {
  const installationId = newInstallationId();
  const open = () => page.program.openStateStore(installationId);
  return {
    open,
    close: async () => {
      const store = await open();
      await store.close();
      await store.remove();
    },
  };
});

const storageClient = (
  options: Parameters<PortsProgram["createStorageClient"]>[0],
) =>
  later(page.program.createStorageClient(options), [
    "obtainUploadAuthorization",
    "upload",
    "findUpload",
    "download",
    "deleteBackup",
  ]);

describeStorageProviderClientContract("browser", () =>
  storageClient({ maxUploadBytes: 10_000_000 }),
);

describe("browser: a storage service that is not as it should be", () => {
  const services: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const service of services.splice(0)) await service.close();
  });
  const start = async (answer: Parameters<typeof startHostileService>[0]) => {
    const service = await startHostileService(answer);
    services.push(service);
    return service;
  };
  const client = (limits: Partial<FetchLimits> = {}) =>
    storageClient({ limits });
  const failure = (code: CarryoverErrorCode): unknown =>
    expect.objectContaining({ name: "CarryoverError", code });
  const file = () => new Blob(["the history"]).stream();
  const everyCall: [
    string,
    (client: StorageProviderClient, url: string) => Promise<unknown>,
  ][] = [
    ["authorization", (own, url) => own.obtainUploadAuthorization(url)],
    ["upload", (own, url) => own.upload(`${url}/backups?ticket=x`, file())],
    ["look-up", (own, url) => own.findUpload(`${url}/backups?ticket=x`)],
    ["download", (own, url) => own.download(`${url}/x`, { fromByte: 0 })],
    ["delete", (own, url) => own.deleteBackup({ url, receiptKey: "secret" })],
  ];

  it.each(everyCall)(
    "security rule 6: a redirect of the %s is not followed",
    async (_, call) => {
      const elsewhere = await start((response) => response.end("{}"));
      const service = await start((response) =>
        response.writeHead(307, { location: `${elsewhere.url}/` }).end(),
      );
      await expect(call(client(), service.url)).rejects.toEqual(
        failure("redirectRefused"),
      );
      expect(elsewhere.asked).toEqual([]);
    },
  );

  it.each(everyCall)(
    "gives up the %s when no answer comes",
    async (_, call) => {
      const service = await start(() => undefined);
      await expect(
        call(client({ answerTimeoutMs: 700 }), service.url),
      ).rejects.toEqual(failure("storageUnavailable"));
    },
  );

  it("sends no cookie, no origin's address and nothing from a cache", async () => {
    const service = await start((response) =>
      response
        .writeHead(200, {
          "set-cookie": "a=b; SameSite=None; Secure",
          "cache-control": "max-age=3600",
        })
        .end("bytes"),
    );
    for (let time = 0; time < 2; time += 1) {
      const { body } = await client().download(`${service.url}/x`, {
        fromByte: 0,
      });
      await body.cancel();
    }
    expect(service.asked.map(({ what }) => what)).toEqual(["GET /x", "GET /x"]);
    for (const { headers } of service.asked) {
      expect(headers).not.toHaveProperty("cookie");
      expect(headers).not.toHaveProperty("referer");
    }
  });

  it("gives up a download that falls silent", async () => {
    const service = await start((response) => {
      response.writeHead(200, { "content-length": 1_000_000 });
      response.write(new Uint8Array(100_000));
    });
    const { body } = await client({ idleTimeoutMs: 700 }).download(
      `${service.url}/x`,
      { fromByte: 0 },
    );
    await expect(new Response(body).arrayBuffer()).rejects.toEqual(
      failure("storageUnavailable"),
    );
  });

  it.each([
    ["too much", "x".repeat(100_000)],
    ["no JSON", "<html>"],
    ["no object", "[]"],
    ["no place", "{}"],
    ["a place that is none", '{"uploadUrl":"javascript:alert(1)"}'],
  ])("refuses an authorization that is %s", async (_, text) => {
    const service = await start((response) =>
      response.writeHead(201, { "content-type": "application/json" }).end(text),
    );
    await expect(
      client().obtainUploadAuthorization(service.url),
    ).rejects.toEqual(failure("storageRefused"));
  });

  it("says that a file is too large when the service does", async () => {
    const storage = await startStorageProvider({ maxBytes: 1_000_000 });
    services.push(storage);
    const own = storageClient({});
    const { uploadUrl } = await own.obtainUploadAuthorization(storage.url);
    await expect(
      own.upload(uploadUrl, new Blob([new Uint8Array(6_000_000)]).stream()),
    ).rejects.toEqual(failure("backupTooLarge"));
  });

  it("says that an authorization is used, also where it could not know before", async () => {
    const storage = await startStorageProvider();
    services.push(storage);
    const other = storageClient({});
    const { uploadUrl } = await other.obtainUploadAuthorization(storage.url);
    await other.upload(uploadUrl, file());
    await expect(
      storageClient({}).upload(
        uploadUrl,
        new Blob([new Uint8Array(6_000_000)]).stream(),
      ),
    ).rejects.toEqual(failure("uploadAuthorizationUsed"));
  });
});

describe("browser: files that wait to be sent", () => {
  it("are all gone after the calls above, whichever way they ended", async () => {
    expect(await page.program.uploadsLeft()).toEqual([]);
  });
});

describeVectorReader("browser", {
  readFile: (input) => page.program.readFileVector(input),
  readArchive: (input) => page.program.readArchiveVector(input),
});

describe("browser: the library's importer", () => {
  it("is given up when it spins, and does not keep the client from being closed", async () => {
    const network = await createTestNetwork();
    try {
      const installation = await page.openInstallation(
        createPerson(network),
        network.network.grpcWebUrl,
      );
      await expect(
        installation.history.importArchive(
          new Uint8Array(createSpinningArchive()),
          new Uint8Array(32),
          { timeoutMs: 1_000 },
        ),
      ).rejects.toMatchObject({ code: "importTimedOut" });
      await installation.close();
    } finally {
      await network.close();
    }
  });
});
