import type { LimitStore, Slot } from "./limit-store.js";
import { StorageProviderError } from "./storage-provider-error.js";

/** How much is allowed. Every number is of one address, key or inbox unless it says otherwise. */
export interface LimitSettings {
  /** Calls for authorization by one address within an hour, whatever their outcome. */
  readonly authorizationCallsPerHour: number;
  /** Uploads authorized for one address (open), API key or inbox (installation) within an hour. */
  readonly uploadsPerHour: number;
  /** Uploads under way at the same time for one address. */
  readonly concurrentUploads: number;
  /** Downloads under way at the same time for one address. */
  readonly concurrentDownloads: number;
  /** Uploads and downloads under way at the same time in this instance. */
  readonly concurrentTransfers: number;
}

/** What an instance allows where the settings do not say. */
export const defaultLimits: LimitSettings = {
  authorizationCallsPerHour: 600,
  uploadsPerHour: 600,
  concurrentUploads: 64,
  concurrentDownloads: 64,
  concurrentTransfers: 2_048,
};

/** What the routes ask. Every method throws StorageProviderError `rate-limited` or `unavailable`. */
export interface Limits {
  /** Counts one call for authorization. */
  countAuthorizationCall(address: string): Promise<void>;
  /** Counts uploads that are about to be authorized; the key names who asked. */
  countUploads(key: string, count: number): Promise<void>;
  /** Begins a transfer. */
  enter(kind: "upload" | "download", address: string): Promise<Slot>;
}

const busyRetrySeconds = 5;

/**
 * @param settings how much
 * @param shared counts by address, key and inbox
 * @param own counts what this instance can carry
 */
export function createLimits(
  settings: LimitSettings,
  shared: LimitStore,
  own: LimitStore,
): Limits {
  const take = async (key: string, amount: number, perHour: number) => {
    const allowance = await shared.take(key, amount, perHour);
    if (allowance.state === "granted") return;
    throw new StorageProviderError("rate-limited", "too many requests", {
      retryAfterSeconds: allowance.retryAfterSeconds,
    });
  };
  const busy = () =>
    new StorageProviderError("rate-limited", "too many transfers at once", {
      retryAfterSeconds: busyRetrySeconds,
    });
  return {
    countAuthorizationCall: (address) =>
      take(
        `calls:${addressKey(address)}`,
        1,
        settings.authorizationCallsPerHour,
      ),
    countUploads: (key, count) =>
      take(`uploads:${key}`, count, settings.uploadsPerHour),
    async enter(kind, address) {
      const place = await own.enter("transfers", settings.concurrentTransfers);
      if (place === undefined) throw busy();
      try {
        const slot = await shared.enter(
          `${kind}:${addressKey(address)}`,
          kind === "upload"
            ? settings.concurrentUploads
            : settings.concurrentDownloads,
        );
        if (slot === undefined) throw busy();
        return {
          async release() {
            await place.release();
            await slot.release();
          },
        };
      } catch (error) {
        await place.release();
        throw error;
      }
    },
  };
}

/**
 * @param address of a client, as text
 * @returns what limits count: the IPv4 address, or the /64 of an IPv6 one, since that is what one client holds
 */
export function addressKey(address: string): string {
  const plain = address.replace(/%.*$/, "").toLowerCase();
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!plain.includes(":")) return plain;
  const [head = "", tail] = plain.split("::", 2);
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array<string>(Math.max(0, 8 - front.length - back.length)).fill(
    "0",
  );
  return [...front, ...zeros, ...back]
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
