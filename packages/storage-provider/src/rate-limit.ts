import { StorageProviderError } from "./storage-provider-error.js";

/** Counts calls by key; a key is an address, an API key or an inbox, never logged. */
export interface RateLimiter {
  /**
   * @param key whose allowance is used
   * @param amount how much of it
   * @throws StorageProviderError `rate-limited`, with the seconds to wait
   */
  take(key: string, amount: number): Promise<void>;
}

const maxKeys = 100_000;

/**
 * A bucket for each key, in the memory of this process.
 *
 * @param limit amount that is given back evenly within an hour; also the size of a burst
 * @param nowMs reads a clock in milliseconds
 */
export function createMemoryRateLimiter(
  limit: number,
  nowMs: () => number,
): RateLimiter {
  const buckets = new Map<string, { level: number; atMs: number }>();
  const perMs = limit / 3_600_000;
  const levelAt = (bucket: { level: number; atMs: number }, now: number) =>
    Math.max(0, bucket.level - Math.max(0, now - bucket.atMs) * perMs);

  return {
    async take(key, amount) {
      const now = nowMs();
      const bucket = buckets.get(key);
      const level = bucket === undefined ? 0 : levelAt(bucket, now);
      if (level + amount > limit) {
        throw new StorageProviderError("rate-limited", "too many requests", {
          retryAfterSeconds: Math.max(
            1,
            Math.ceil((level + Math.min(amount, limit) - limit) / perMs / 1000),
          ),
        });
      }
      buckets.delete(key);
      buckets.set(key, { level: level + amount, atMs: now });
      // The longest unused goes first; its bucket is empty in all but a flood of keys.
      if (buckets.size > maxKeys) {
        const oldest = buckets.keys().next();
        if (oldest.done !== true) buckets.delete(oldest.value);
      }
    },
  };
}
