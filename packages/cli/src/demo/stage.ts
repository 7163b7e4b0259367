import type { Carryover } from "@carryover/client";
import { createCarryover } from "@carryover/xmtp-node";
import type { Client } from "@xmtp/node-sdk";
import { randomBytes } from "node:crypto";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { DevServices } from "../network/dev-services.js";
import type { Friend, NewFriend } from "../sample/story.js";
import { openClient } from "../xmtp/open-client.js";
import { createWalletKey, type WalletKey } from "../xmtp/wallet-signature.js";

/** One of Alix's phones. */
export interface Phone {
  readonly client: Client<unknown>;
  readonly carryover: Carryover;
}

/** Everyone and everything in the demo, on real clients. */
export interface Stage {
  /** Alix's old phone and all friends. */
  readonly cast: Readonly<Record<"alix" | Friend, Client<unknown>>>;
  readonly oldPhone: Phone;
  readonly wallet: WalletKey;
  /** Installs the app anew: another installation of Alix's account, with an empty database. */
  installAnew(name?: string): Promise<Phone>;
  /** Somebody whom Alix does not know yet. */
  openFriend(name: NewFriend): Promise<Client<unknown>>;
  /** Deletes all that the old phone has. @returns how many bytes that were */
  loseOldPhone(): Promise<number>;
  /** Names of the people by inbox id. */
  nameOf(inboxId: string): string | undefined;
  close(): Promise<void>;
}

/** Opens the old phone and the friends. */
export async function createStage(
  services: DevServices,
  directory: string,
): Promise<Stage> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    // The last one opened is closed first: an engine before its client.
    for (const closeOne of closers.reverse().splice(0)) await closeOne();
  };

  const open = async (name: string, wallet: WalletKey) => {
    const client = await openClient({
      wallet,
      environment: "local",
      networkUrl: services.networkUrl,
      databasePath: join(directory, `${name}.db3`),
      databaseKey: Uint8Array.from(randomBytes(32)),
    });
    const closeOnce = once(() => client.close());
    closers.push(closeOnce);
    return { client, closeOnce };
  };
  const openPhone = async (name: string, wallet: WalletKey) => {
    const { client, closeOnce: closeClient } = await open(name, wallet);
    const carryover = await createCarryover(client, {
      directory: join(directory, `${name}-carryover`),
      encryptionKey: Uint8Array.from(randomBytes(32)),
      allowedStorageOrigins: [new URL(services.storageUrl).origin],
      pinMode: "show",
    });
    const closeCarryover = once(() => carryover.close());
    closers.push(closeCarryover);
    return {
      client,
      carryover,
      lose: async () => {
        await closeCarryover();
        await closeClient();
        return deleteFiles(directory, name);
      },
    };
  };

  try {
    const alix = createWalletKey();
    const oldPhone = await openPhone("old-phone", alix);
    const names = new Map<string, string>([[oldPhone.client.inboxId, "Alix"]]);
    const openFriend = async (friend: Friend | NewFriend) => {
      const { client } = await open(friend, createWalletKey());
      names.set(
        client.inboxId,
        `${friend.slice(0, 1).toUpperCase()}${friend.slice(1)}`,
      );
      return client;
    };
    return {
      cast: {
        alix: oldPhone.client,
        bo: await openFriend("bo"),
        cleo: await openFriend("cleo"),
        dana: await openFriend("dana"),
        eve: await openFriend("eve"),
      },
      oldPhone,
      wallet: alix,
      installAnew: (name = "new-phone") => openPhone(name, alix),
      openFriend,
      loseOldPhone: () => oldPhone.lose(),
      nameOf: (inboxId) => names.get(inboxId),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

const once = (work: () => Promise<void>) => {
  let done: Promise<void> | undefined;
  return () => (done ??= work());
};

/** Deletes everything of an installation: the database, what lies beside it, and Carryover's records. */
async function deleteFiles(directory: string, name: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory)) {
    if (!entry.startsWith(`${name}.db3`) && entry !== `${name}-carryover`)
      continue;
    const path = join(directory, entry);
    const found = await stat(path);
    if (found.isFile()) bytes += found.size;
    await rm(path, { recursive: true });
  }
  return bytes;
}
