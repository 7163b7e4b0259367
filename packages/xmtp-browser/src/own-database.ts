import { CarryoverError } from "@carryover/client";

// One IndexedDB database for each installation, with two stores: keys that cannot be taken out, and the sealed record.
const keysStore = "keys";
const recordsStore = "records";
const recordName = "state";

/** The keys of one installation. None can be read, only used. */
export interface OwnKeys {
  /** AES-256-GCM. */
  readonly seal: CryptoKey;
  /** HMAC with SHA-256. */
  readonly upload: CryptoKey;
}

/** Carryover's own database in the browser. */
export interface OwnDatabase {
  readonly keys: OwnKeys;
  load(): Promise<Uint8Array | undefined>;
  save(sealed: Uint8Array): Promise<void>;
  close(): void;
}

/** Makes keys that never leave the browser's own memory. */
export async function createOwnKeys(): Promise<OwnKeys> {
  return {
    seal: await crypto.subtle.generateKey(
      { name: "AES-GCM", length: 256 },
      false,
      ["encrypt", "decrypt"],
    ),
    upload: await crypto.subtle.generateKey(
      { name: "HMAC", hash: "SHA-256" },
      false,
      ["sign"],
    ),
  };
}

/**
 * Opens the database, and makes it with fresh keys when there is none.
 *
 * @param name - of the database
 * @throws {CarryoverError} `diskError`
 */
export async function openOwnDatabase(name: string): Promise<OwnDatabase> {
  const database = await inDatabase(() => open(name));
  try {
    const keys = await inDatabase(() => readOrMakeKeys(database));
    return {
      keys,
      load: () =>
        inDatabase(async () => {
          const found: unknown = await settled(
            database
              .transaction(recordsStore)
              .objectStore(recordsStore)
              .get(recordName),
          );
          return found instanceof Uint8Array ? found : undefined;
        }),
      save: (sealed) =>
        inDatabase(async () => {
          // Strict: not done before it is on the disk.
          const transaction = database.transaction(recordsStore, "readwrite", {
            durability: "strict",
          });
          transaction.objectStore(recordsStore).put(sealed, recordName);
          await committed(transaction);
        }),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Deletes a database, keys and all. Nothing happens when there is none. */
export async function deleteOwnDatabase(name: string): Promise<void> {
  await inDatabase(() => settled(indexedDB.deleteDatabase(name)));
}

async function readOrMakeKeys(database: IDBDatabase): Promise<OwnKeys> {
  const fresh = await createOwnKeys();
  const transaction = database.transaction(keysStore, "readwrite", {
    durability: "strict",
  });
  const store = transaction.objectStore(keysStore);
  const [seal, upload] = await Promise.all([
    settled<unknown>(store.get("seal")),
    settled<unknown>(store.get("upload")),
  ]);
  if (seal instanceof CryptoKey && upload instanceof CryptoKey) {
    await committed(transaction);
    return { seal, upload };
  }
  store.put(fresh.seal, "seal");
  store.put(fresh.upload, "upload");
  await committed(transaction);
  return fresh;
}

function open(name: string): Promise<IDBDatabase> {
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(keysStore);
    request.result.createObjectStore(recordsStore);
  };
  return settled(request);
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () =>
      reject(request.error ?? new Error("the request failed"));
  });
}

function committed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = () =>
      reject(transaction.error ?? new Error("the transaction was given up"));
    transaction.oncomplete = () => resolve();
    transaction.onerror = fail;
    transaction.onabort = fail;
  });
}

async function inDatabase<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CarryoverError) throw error;
    throw new CarryoverError(
      "diskError",
      "the browser's database could not be used",
      { cause: error },
    );
  }
}
