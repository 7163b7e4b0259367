import type { LimitStore } from "./limit-store.js";

/** Most keys of a kind that are remembered: the longest unused is forgotten first. */
export const maxRememberedKeys = 100_000;

const hourMs = 3_600_000;

/**
 * Limits in the memory of this process: gone with it, and not shared.
 *
 * @param nowMs reads a clock in milliseconds that never goes back
 */
export function createMemoryLimitStore(nowMs: () => number): LimitStore {
  const buckets = new Map<string, { level: number; atMs: number }>();
  const slots = new Map<string, number>();
  const seen = new Map<string, number>();

  return {
    async take(key, amount, perHour) {
      const now = nowMs();
      const bucket = buckets.get(key);
      const drained =
        bucket === undefined ? 0 : ((now - bucket.atMs) * perHour) / hourMs;
      const level = Math.max(0, (bucket?.level ?? 0) - drained);
      if (level + amount > perHour) {
        const excess = level + Math.min(amount, perHour) - perHour;
        return {
          state: "exhausted",
          retryAfterSeconds: Math.max(1, Math.ceil((excess / perHour) * 3_600)),
        };
      }
      remember(buckets, key, { level: level + amount, atMs: now });
      return { state: "granted" };
    },
    async enter(key, max) {
      const taken = slots.get(key) ?? 0;
      if (taken >= max) return undefined;
      slots.set(key, taken + 1);
      let held = true;
      return {
        async release() {
          if (!held) return;
          held = false;
          const left = (slots.get(key) ?? 1) - 1;
          if (left === 0) slots.delete(key);
          else slots.set(key, left);
        },
      };
    },
    async once(key, lifetimeMs) {
      const now = nowMs();
      if ((seen.get(key) ?? -Infinity) > now) return "again";
      remember(seen, key, now + lifetimeMs);
      return "first";
    },
    probe: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const oldest = map.keys().next();
  if (map.size > maxRememberedKeys && oldest.done !== true) {
    map.delete(oldest.value);
  }
}
