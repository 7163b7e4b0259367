import { randomBytes } from "node:crypto";
import type { HistoryView } from "../account/view-history.js";
import { newWalletKey, type WalletKey } from "../account/wallet.js";
import { startDevice } from "../devices/device-process.js";
import type { SeedDevice, SeedSize } from "../devices/seed-device.js";
import { startWorld } from "./world.js";

/** An old installation with its history, and the network that it is on; at rest, to be copied for every run. */
export interface Seed {
  walletKey: WalletKey;
  databaseKey: Uint8Array;
  /** Of the old installation's database. */
  oldDirectory: string;
  networkDirectory: string;
  view: HistoryView;
  remove(): Promise<void>;
}

const deadlineMs = 10 * 60_000;

/** Makes one, and sees that it holds what it should. */
export async function createSeed(size: SeedSize): Promise<Seed> {
  const world = await startWorld();
  const walletKey = newWalletKey();
  const databaseKey = new Uint8Array(randomBytes(32));
  const oldDirectory = await world.directory("old");
  const { apiUrl, networkDirectory } = world;
  const remove = () => world.remove();
  const device = startDevice<SeedDevice>("seed-device", deadlineMs);
  try {
    const view = await device.call(
      "seed",
      { walletKey, apiUrl, directory: oldDirectory, databaseKey },
      size,
    );
    const messages = Object.values(view).reduce(
      (sum, { messageCount }) => sum + messageCount,
      0,
    );
    const conversations = Object.keys(view).length;
    if (messages !== size.messages || conversations !== size.conversations)
      throw new Error(
        `seeded ${messages} messages in ${conversations} conversations`,
      );
    return {
      walletKey,
      databaseKey,
      oldDirectory,
      networkDirectory,
      view,
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  } finally {
    await device.stop();
    await world.stop();
  }
}
