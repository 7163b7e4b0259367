import {
  CarryoverError,
  type RandomBytes,
  type StateStore,
} from "@carryover/client";
import type { OwnDatabase } from "./own-database.js";
import { createStateCipher } from "./state-cipher.js";

/** What holds the sealed record. */
export type RecordPlace = Pick<OwnDatabase, "load" | "save">;

/**
 * Carryover's records, sealed. That one tab has them at a time is seen to by whoever opens the place.
 *
 * @param options.close - lets another tab have them
 */
export function createStateStore(
  place: RecordPlace,
  {
    key,
    installationId,
    randomBytes,
    close,
  }: {
    key: CryptoKey;
    /** Whose records these are: those of another installation do not open. */
    installationId: string;
    randomBytes: RandomBytes;
    close: () => Promise<void>;
  },
): StateStore {
  const cipher = createStateCipher(key, installationId, randomBytes);
  let closed = false;
  let lastSave: Promise<unknown> = Promise.resolve();
  const assertOpen = () => {
    if (closed)
      throw new CarryoverError("closed", "the state store was closed");
  };
  return {
    load: async () => {
      assertOpen();
      const sealed = await place.load();
      return sealed && (await cipher.open(sealed));
    },
    save: async (record) => {
      assertOpen();
      const own = record.slice();
      // One after the other: the last to be called is what stays.
      const saving = lastSave.then(async () => {
        await place.save(await cipher.seal(own));
      });
      lastSave = saving.catch(() => undefined);
      await saving;
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await lastSave;
      await close();
    },
  };
}
