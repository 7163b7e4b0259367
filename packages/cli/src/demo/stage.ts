import type { Carryover } from "@carryover/client";
import { createCarryover } from "@carryover/xmtp-node";
import type { Client } from "@xmtp/node-sdk";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { DevServices } from "../network/dev-services.js";
import type { Friend } from "../sample/story.js";
import type { Cast } from "../sample/write-story.js";
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
  readonly cast: Cast;
  readonly oldPhone: Phone;
  /** Installs the app anew: another installation of Alix's account, with an empty database. */
  installAnew(): Promise<Phone>;
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
    closers.push(() => client.close());
    return client;
  };
  const openPhone = async (name: string, wallet: WalletKey): Promise<Phone> => {
    const client = await open(name, wallet);
    const carryover = await createCarryover(client, {
      directory: join(directory, `${name}-carryover`),
      encryptionKey: Uint8Array.from(randomBytes(32)),
      allowedStorageOrigins: [new URL(services.storageUrl).origin],
      pinMode: "show",
    });
    closers.push(() => carryover.close());
    return { client, carryover };
  };

  try {
    const alix = createWalletKey();
    const oldPhone = await openPhone("old-phone", alix);
    const names = new Map<string, string>([[oldPhone.client.inboxId, "Alix"]]);
    const openFriend = async (friend: Friend) => {
      const client = await open(friend, createWalletKey());
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
      installAnew: () => openPhone("new-phone", alix),
      nameOf: (inboxId) => names.get(inboxId),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
