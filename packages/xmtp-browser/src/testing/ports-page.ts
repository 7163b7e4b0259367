import { offerToTests } from "@carryover/chromium/page";
import { createPortablePorts } from "@carryover/backup-file";
import {
  type ArchiveVectorInput,
  type FileVectorInput,
  readArchiveVector,
  readFileVector,
} from "@carryover/testkit/read-vectors";
import { channelGroupOptions } from "@carryover/xmtp-shared";
import {
  createChannels,
  createHistory,
  createInstallation,
  createMemoryFiles,
  createScratch,
  createStorageProviderClient,
  type StorageProviderClientOptions,
  openOwnPlace,
  openPartFiles,
  systemClock,
  systemRandomBytes,
} from "../index.js";
import { clearJournal, openJournal } from "../account/journal.js";
import { lockRefreshes } from "../account/lock-refreshes.js";
import { createOwnKeys } from "../own-database.js";
import {
  type ClientRequest,
  makeClient,
  plainConversations,
} from "./test-client.js";

const memoryFiles = new Map<string, ReturnType<typeof createMemoryFiles>>();

/** The ports one by one, each over what it really stands on. */
const program = {
  openInstallation: async (request: ClientRequest) => {
    const client = await makeClient(request);
    const channels = createChannels(client, systemClock);
    return {
      inboxId: client.inboxId ?? "",
      installationId: client.installationId ?? "",
      conversations: plainConversations(client),
      installation: createInstallation(client),
      channels: {
        ...channels,
        // What is no promise here is one on the way.
        stream: async (signal: AbortSignal) => channels.stream(signal),
      },
      history: createHistory(client, {
        clock: systemClock,
        randomBytes: systemRandomBytes,
      }),
      createBackupChannel: async () =>
        (
          await client.conversations.createGroup(
            [],
            channelGroupOptions("call", 1_000_000_000_000n),
          )
        ).id,
      fetchInboxState: async () =>
        void (await client.preferences.fetchInboxState()),
      close: async () => client.close(),
    };
  },
  openStateStore: async (installationId: string) => {
    const place = await openOwnPlace(
      installationId,
      "untilCleared",
      systemRandomBytes,
    );
    return { ...place.stateStore, remove: () => place.remove() };
  },
  openJournal: async () => {
    const journal = await openJournal();
    if (journal === undefined) throw new Error("there is no such file system");
    return journal;
  },
  clearJournal,
  lockRefreshes,
  openScratch: async (name: string, kind: "opfs" | "memory") => {
    if (kind === "opfs") {
      const files = await openPartFiles(["carryover-tests", name]);
      if (files === undefined) throw new Error("there is no such file system");
      return { ...createScratch(files), removeAll: () => files.removeAll() };
    }
    const files = memoryFiles.get(name) ?? createMemoryFiles();
    memoryFiles.set(name, files);
    return { ...createScratch(files), removeAll: () => files.removeAll() };
  },
  createStorageClient: async (
    options: Omit<StorageProviderClientOptions, "uploadKey" | "files">,
  ) => {
    const { upload } = await createOwnKeys();
    const files = await openPartFiles(["carryover-tests", "uploads"]);
    if (files === undefined) throw new Error("there is no such file system");
    return createStorageProviderClient({
      uploadKey: upload,
      files,
      ...options,
    });
  },
  readFileVector: (input: FileVectorInput) =>
    readFileVector(input, createPortablePorts()),
  readArchiveVector: (input: ArchiveVectorInput) =>
    readArchiveVector(input, createPortablePorts()),
  uploadsLeft: async () =>
    (await (await openPartFiles(["carryover-tests", "uploads"]))?.names()) ??
    [],
};

/** What tests call. */
export type PortsProgram = typeof program;

offerToTests(program);
