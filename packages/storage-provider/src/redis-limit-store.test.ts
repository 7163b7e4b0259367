import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createRedisLimitStore } from "./redis-limit-store.js";
import { limitStoreContract } from "./testing/limit-store-contract.js";
import { afterTest } from "./testing/provider-fixture.js";
import { withRealRedis } from "./testing/real-servers.js";

await withRealRedis(({ url }) => {
  limitStoreContract("Redis", async () => {
    const prefix = `${randomBytes(6).toString("hex")}:`;
    const stores = await Promise.all([
      createRedisLimitStore(url, prefix),
      createRedisLimitStore(url, prefix),
    ]);
    afterTest(async () => {
      await Promise.all(stores.map((each) => each.close()));
    });
    return [stores[0], stores[1]] as const;
  });
});

test("an address that is none, and one where nobody answers", async () => {
  await expect(createRedisLimitStore("http://x")).rejects.toMatchObject({
    code: "settings-invalid",
  });
  await expect(
    createRedisLimitStore("redis://127.0.0.1:1"),
  ).rejects.toMatchObject({ code: "unavailable" });
});
