import { randomUUID } from "node:crypto";
import type {
  CarryoverErrorCode,
  StorageProviderClient,
} from "@carryover/client";
import { parseInstallationId } from "@carryover/protocol";
import {
  bundlePage,
  later,
  laterIterable,
  type OpenPage,
  type PageBundle,
  startBrowser,
  type TestBrowser,
} from "@carryover/chromium";
import {
  createNetworkLink,
  createPerson,
  createTestNetwork,
  newInstallation,
  type Person,
  populateConversations,
  startStorageProvider,
  waitFor,
} from "@carryover/testkit";
import {
  describeChannelsContract,
  describeHistoryContract,
  describeScratchContract,
  describeStateStoreContract,
  describeStorageProviderClientContract,
} from "@carryover/testkit/contracts";
import { describeVectorReader } from "@carryover/testkit/backup-file-vectors";
import { createSpinningArchive } from "@carryover/testkit/spinning-archive";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startHostileService } from "./testing/hostile-service.js";
import type { PortsProgram } from "./testing/ports-page.js";
import { travelling } from "./testing/travelling-signer.js";

let bundle: PageBundle;
let browser: TestBrowser;
let opened: OpenPage<PortsProgram>;
beforeAll(async () => {
  bundle = await bundlePage(
    new URL("./testing/ports-page.ts", import.meta.url),
  );
  browser = await startBrowser();
  opened = await browser.open<PortsProgram>(bundle.directory);
});
afterAll(async () => {
  await browser.close();
  await bundle.remove();
});

describeScratchContract("browser, origin private file system", () =>
  scratchSubject("opfs"),
);
describeScratchContract("browser, memory", () => scratchSubject("memory"));

async function scratchSubject(kind: "opfs" | "memory") {
  const name = randomUUID();
  const open = () => opened.program.openScratch(name, kind);
  return { open, close: async () => await (await open()).removeAll() };
}

const newInstallationId = () =>
  `${randomUUID()}${randomUUID()}`.replaceAll("-", "");

describeStateStoreContract("browser", async () => {
  const installationId = newInstallationId();
  const open = () => opened.program.openStateStore(installationId);
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
  later(opened.program.createStorageClient(options), [
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
  const client = () =>
    storageClient({
      limits: { answerTimeoutMs: 700, idleTimeoutMs: 700 },
    });
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
      await expect(call(client(), service.url)).rejects.toEqual(
        failure("storageUnavailable"),
      );
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
    const { body } = await client().download(`${service.url}/x`, {
      fromByte: 0,
    });
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
});

describe("browser: files that wait to be sent", () => {
  it("are all gone after the calls above, whichever way they ended", async () => {
    expect(await opened.program.uploadsLeft()).toEqual([]);
  });
});

describeChannelsContract("browser", async () => {
  const network = await createTestNetwork();
  const askingLink = await createNetworkLink(network.network.grpcWebUrl);
  const askedLink = await createNetworkLink(network.network.grpcWebUrl);
  network.onClose(() => askingLink.close());
  network.onClose(() => askedLink.close());
  const person = createPerson(network);
  const asked = await openInstallation(person, askedLink.url);
  const asking = await openInstallation(person, askingLink.url);
  network.onClose(() => asked.close());
  network.onClose(() => asking.close());
  return {
    inboxId: asked.inboxId,
    asking: channelsOf(asking),
    asked: channelsOf(asked),
    askingLink,
    askedLink,
    close: () => network.close(),
  };
});

describeHistoryContract("browser", async () => {
  const network = await createTestNetwork();
  const oldLink = await createNetworkLink(network.network.grpcWebUrl);
  network.onClose(() => oldLink.close());
  const alix = createPerson(network);
  const bo = await newInstallation(createPerson(network));
  const open = async (apiUrl: string) => {
    const installation = await openInstallation(alix, apiUrl);
    network.onClose(() => installation.close());
    return installation;
  };
  const old = await open(oldLink.url);
  const seeded = await populateConversations(old, bo);
  const fresh = await open(network.network.grpcWebUrl);
  return {
    old: old.history,
    fresh: fresh.history,
    freshInstallationId: parseInstallationId(fresh.installationId),
    oldLink,
    seeded: {
      group: seeded.group.id,
      joined: seeded.joined.id,
      dm: seeded.dm.id,
      denied: seeded.denied.id,
      disappearing: seeded.disappearing.id,
      backupChannel: await old.createBackupChannel(),
      messageIds: seeded.messageIds,
    },
    writeFromOld: (id, text) => old.conversations.sendText(id, text),
    writeFromFresh: async (id, text) => {
      await fresh.conversations.sendText(id, text);
      await waitFor("the text to arrive", async () => {
        await bo.conversations.syncAll([0, 1, 2]);
        const conversation = await bo.conversations.getConversationById(id);
        return (await conversation?.lastMessage())?.content === text;
      });
    },
    oneMoreInstallation: async () => {
      const newest = await open(network.network.grpcWebUrl);
      // What a provider does first, to learn of it.
      await old.fetchInboxState();
      return {
        installationId: parseInstallationId(newest.installationId),
        conversationIds: async () => {
          await newest.conversations.syncAll([0, 1, 2]);
          return await newest.conversations.ids();
        },
      };
    },
    close: () => network.close(),
  };
});

type RemoteInstallation = Awaited<ReturnType<PortsProgram["openInstallation"]>>;

async function openInstallation(
  { signer }: Person,
  apiUrl: string,
): Promise<RemoteInstallation> {
  return await opened.program.openInstallation({
    apiUrl,
    signer: travelling(signer),
    dbPath: null,
  });
}

const channelsOf = ({ channels }: RemoteInstallation) => ({
  ...channels,
  stream: (signal: AbortSignal) => laterIterable(channels.stream(signal)),
});

describeVectorReader("browser", {
  readFile: (input) => opened.program.readFileVector(input),
  readArchive: (input) => opened.program.readArchiveVector(input),
});

describe("browser: the library's importer", () => {
  it("is given up when it spins, and does not keep the client from being closed", async () => {
    const network = await createTestNetwork();
    try {
      const installation = await openInstallation(
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

describe("browser: the page", () => {
  it("was told of every failure by a promise, and left none uncaught", () => {
    expect(opened.problems).toEqual([]);
  });
});
