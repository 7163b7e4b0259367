import { offerToTests } from "@carryover/chromium/page";
import { Client, WorkerKind } from "@xmtp/browser-sdk";
import {
  backupMessageCodec,
  carryoverClientOptions,
  CarryoverError,
  type CarryoverEvent,
  type CarryoverOptions,
  claimXmtpDatabase,
  clearCarryoverStorage,
  createCarryover,
} from "../index.js";
import { listStorage } from "./list-storage.js";
import {
  type ClientRequest,
  makeClient,
  networkOf,
  plainConversations,
} from "./test-client.js";

/** What an app may have chosen for its client. */
export type ClientKind =
  | "as asked for"
  | "the SDK's defaults"
  | "answering worker off"
  | "no codec"
  | "not registered";

function clientOptionsOf(kind: ClientKind) {
  switch (kind) {
    case "as asked for":
      return carryoverClientOptions();
    case "the SDK's defaults":
      return { codecs: [backupMessageCodec] };
    case "answering worker off":
      return {
        codecs: [backupMessageCodec],
        workerConfig: { disabledWorkers: [WorkerKind.TaskRunner] },
      };
    case "no codec":
      return { disableDeviceSync: true };
    case "not registered":
      return { ...carryoverClientOptions(), disableAutoRegister: true };
  }
}

/** An app with Carryover in it. */
const program = {
  openApp: async (request: ClientRequest, options: CarryoverOptions) => {
    const client = await makeClient(request);
    const carryover = await createCarryover(client, options);
    return {
      inboxId: client.inboxId ?? "",
      installationId: client.installationId ?? "",
      conversations: plainConversations(client),
      carryover: {
        ...carryover,
        // What is no promise here is one on the way.
        subscribe: async (listener: (event: CarryoverEvent) => void) =>
          carryover.subscribe(listener),
      },
      close: async () => {
        await carryover.close();
        client.close();
      },
    };
  },
  /** Makes a client of other options, and tells with what Carryover refuses it. */
  refusal: async (request: ClientRequest, kind: ClientKind) => {
    const client = await Client.create(request.signer, {
      ...networkOf(request),
      dbPath: request.dbPath,
      ...clientOptionsOf(kind),
    });
    try {
      const carryover = await createCarryover(client, {});
      await carryover.clear();
      return "accepted";
    } catch (error) {
      return error instanceof CarryoverError ? error.code : String(error);
    } finally {
      client.close();
    }
  },
  /** Makes Carryover twice over one client, and tells with what the second time is refused. */
  secondTime: async (request: ClientRequest) => {
    const client = await makeClient(request);
    const first = await createCarryover(client, {});
    try {
      await createCarryover(client, {});
      return "accepted";
    } catch (error) {
      return error instanceof CarryoverError ? error.code : String(error);
    } finally {
      await first.clear();
      client.close();
    }
  },
  claimXmtpDatabase,
  clearCarryoverStorage,
  listStorage,
  /** What stands in the database of the records, as a thief of the disk would find it. */
  readRecords: async (name: string) => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error("it does not open"));
    });
    const all = async (store: string): Promise<unknown[]> =>
      await new Promise((resolve, reject) => {
        const request = database.transaction(store).objectStore(store).getAll();
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(new Error("it cannot be read"));
      });
    const records = (await all("records")) as Uint8Array[];
    const keys = (await all("keys")) as CryptoKey[];
    database.close();
    return {
      records,
      extractable: keys.map(({ extractable }) => extractable),
    };
  },
};

/** What tests call. */
export type AppProgram = typeof program;

offerToTests(program);
