import { expect, test } from "vitest";
import {
  createMemoryLimitStore,
  maxRememberedKeys,
} from "./memory-limit-store.js";
import { limitStoreContract } from "./testing/limit-store-contract.js";

limitStoreContract("the memory of a process", async () => {
  const store = createMemoryLimitStore(() => performance.now());
  return [store, store];
});

test("a flood of keys is forgotten, the longest unused first", async () => {
  const store = createMemoryLimitStore(() => 0);
  await store.take("early", 1, 1);
  await store.take("used again", 1, 2);
  for (let at = 0; at < maxRememberedKeys - 2; at += 1)
    await store.take(`k${at}`, 1, 1);
  await store.take("used again", 1, 2);
  await store.take("one more", 1, 1);
  expect((await store.take("early", 1, 1)).state).toBe("granted");
  expect((await store.take("used again", 1, 2)).state).toBe("exhausted");
});
