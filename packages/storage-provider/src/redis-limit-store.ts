import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import type { LimitStore } from "./limit-store.js";
import { StorageProviderError } from "./storage-provider-error.js";

const commandTimeoutMs = 3_000;
/** A slot of an instance that died is free again after this. */
const leaseMs = 60_000;
const renewEveryMs = 20_000;

// Time is Redis' own, so instances with different clocks agree.
const takeScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + time[2] / 1000
local amount, perHour = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'level', 'at')
local level = math.max(0, (tonumber(kept[1]) or 0) - (now - (tonumber(kept[2]) or now)) * perHour / 3600000)
if level + amount > perHour then
  return tostring((level + math.min(amount, perHour) - perHour) / perHour * 3600)
end
redis.call('HSET', KEYS[1], 'level', tostring(level + amount), 'at', tostring(now))
redis.call('PEXPIRE', KEYS[1], 3600000)
return 'granted'`;

const enterScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1`;

const renewScript = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], 'XX', now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/**
 * Limits that hold across all instances with the same Redis and prefix.
 *
 * @param url such as `redis://host:6379` or `rediss://:password@host`
 * @param prefix put before every key
 * @throws StorageProviderError `settings-invalid` for an address of another kind; `unavailable` where Redis does not answer
 */
export async function createRedisLimitStore(
  url: string,
  prefix = "carryover-storage:",
): Promise<LimitStore> {
  if (!/^rediss?:\/\//.test(url) || !URL.canParse(url)) {
    throw new StorageProviderError(
      "settings-invalid",
      "redisUrl: expected redis:// or rediss:// and an address",
    );
  }
  const redis = new Redis(url, {
    lazyConnect: true,
    commandTimeout: commandTimeoutMs,
    connectTimeout: commandTimeoutMs,
    // A request is answered 503 at once while Redis is away; the connection is tried again in the background.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(2_000, 100 * attempt),
  });
  // Every failed command rejects by itself; without a listener a lost connection would end the process.
  redis.on("error", () => undefined);
  const ask = async <T>(command: () => Promise<T>): Promise<T> => {
    try {
      return await command();
    } catch (cause) {
      throw new StorageProviderError(
        "unavailable",
        "the store of the limits does not answer",
        { cause, retryAfterSeconds: 5 },
      );
    }
  };
  try {
    await ask(() => redis.connect());
  } catch (error) {
    redis.disconnect();
    throw error;
  }
  const run = (script: string, key: string, ...args: (string | number)[]) =>
    ask(() => redis.eval(script, 1, prefix + key, ...args));

  return {
    async take(key, amount, perHour) {
      const answer = await run(takeScript, key, amount, perHour);
      return answer === "granted"
        ? { state: "granted" }
        : {
            state: "exhausted",
            retryAfterSeconds: Math.max(1, Math.ceil(Number(answer))),
          };
    },
    async enter(key, max) {
      const member = randomBytes(12).toString("base64url");
      if ((await run(enterScript, key, max, member, leaseMs)) === 0) {
        return undefined;
      }
      const renewal = setInterval(() => {
        // Missed once or twice, the lease still holds.
        run(renewScript, key, member, leaseMs).catch(() => undefined);
      }, renewEveryMs);
      renewal.unref();
      return {
        async release() {
          clearInterval(renewal);
          // Lost, it ends with its lease.
          await redis.zrem(prefix + key, member).catch(() => undefined);
        },
      };
    },
    async once(key, lifetimeMs) {
      const answer = await ask(() =>
        redis.set(prefix + key, "1", "PX", Math.ceil(lifetimeMs), "NX"),
      );
      return answer === "OK" ? "first" : "again";
    },
    async probe() {
      await ask(() => redis.ping());
    },
    async close() {
      redis.disconnect();
    },
  };
}
