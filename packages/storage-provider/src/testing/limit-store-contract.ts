import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { LimitStore } from "../limit-store.js";
import { until } from "./provider-fixture.js";

const newKey = () => randomBytes(8).toString("hex");

/**
 * What every limit store must do.
 *
 * @param name of the implementation
 * @param open makes two views of one store; they are the same object where it is not shared
 */
export function limitStoreContract(
  name: string,
  open: () => Promise<readonly [LimitStore, LimitStore]>,
): void {
  describe(name, () => {
    test("an allowance is used up in one burst, and says when to come back", async () => {
      const [one, other] = await open();
      const key = newKey();
      expect(await one.take(key, 6, 10)).toEqual({ state: "granted" });
      expect(await other.take(key, 4, 10)).toEqual({ state: "granted" });
      const refused = await one.take(key, 2, 10);
      expect(refused.state).toBe("exhausted");
      // Two of ten an hour: 720 seconds, less what passed since.
      expect(refused).toHaveProperty(
        "retryAfterSeconds",
        expect.closeTo(719, -1),
      );
      expect(await one.take(newKey(), 10, 10)).toEqual({ state: "granted" });
    });

    test("an allowance is given back as time passes", async () => {
      const [one, other] = await open();
      const key = newKey();
      const perHour = 3_600_000;
      expect((await one.take(key, perHour, perHour)).state).toBe("granted");
      await until(
        "some is given back",
        async () => (await other.take(key, 20, perHour)).state === "granted",
      );
    });

    test("more than everything is never granted, and takes nothing", async () => {
      const [one] = await open();
      const key = newKey();
      expect((await one.take(key, 11, 10)).state).toBe("exhausted");
      expect((await one.take(key, 10, 10)).state).toBe("granted");
    });

    test("of many takers at once exactly as many get through as there is", async () => {
      const [one, other] = await open();
      const key = newKey();
      const results = await Promise.all(
        Array.from({ length: 40 }, (_each, at) =>
          (at % 2 === 0 ? one : other).take(key, 1, 25),
        ),
      );
      expect(results.filter(({ state }) => state === "granted")).toHaveLength(
        25,
      );
    });

    test("slots are held until they are given back, once", async () => {
      const [one, other] = await open();
      const key = newKey();
      const first = await one.enter(key, 2);
      const second = await other.enter(key, 2);
      expect(await one.enter(key, 2)).toBeUndefined();
      expect(await other.enter(key, 2)).toBeUndefined();
      await first?.release();
      await first?.release();
      const third = await other.enter(key, 2);
      expect(third).toBeDefined();
      expect(await one.enter(key, 2)).toBeUndefined();
      await second?.release();
      await third?.release();
      expect(await one.enter(key, 1)).toBeDefined();
    });

    test("of many at once exactly as many enter as there is room", async () => {
      const [one, other] = await open();
      const key = newKey();
      const slots = await Promise.all(
        Array.from({ length: 20 }, (_each, at) =>
          (at % 2 === 0 ? one : other).enter(key, 7),
        ),
      );
      expect(slots.filter((slot) => slot !== undefined)).toHaveLength(7);
    });

    test("once is once, until its time is over", async () => {
      const [one, other] = await open();
      const key = newKey();
      const results = await Promise.all(
        Array.from({ length: 10 }, (_each, at) =>
          (at % 2 === 0 ? one : other).once(key, 60_000),
        ),
      );
      expect(results.filter((each) => each === "first")).toHaveLength(1);
      const short = newKey();
      expect(await one.once(short, 1)).toBe("first");
      await until(
        "its time is over",
        async () => (await other.once(short, 1)) === "first",
      );
    });

    test("says that it works", async () => {
      const [one] = await open();
      await expect(one.probe()).resolves.toBeUndefined();
    });
  });
}
