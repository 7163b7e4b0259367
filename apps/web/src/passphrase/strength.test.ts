import { describe, expect, it } from "vitest";
import { createEstimator } from "./estimator.js";
import { strengthOf } from "./strength.js";

describe("the strength of a passphrase", () => {
  it("is told as time, for somebody who has much", () => {
    expect(strengthOf("12345678", 1_000)).toMatchObject({
      level: "weak",
      words: expect.stringContaining("less than a minute") as string,
    });
    expect(strengthOf("a passphrase", 1_000 * 86_400 * 365 * 20)).toMatchObject(
      { level: "good", words: expect.stringContaining("20 years") as string },
    );
    expect(strengthOf("a passphrase", Number.MAX_VALUE).level).toBe("strong");
  });

  it("is none below eight characters, whatever they are", () => {
    expect(strengthOf("ż¡𐍈qZ9$", 1e30).level).toBe("tooShort");
  });

  it.each([
    ["password1", "weak"],
    ["P@ssw0rd!2026", "weak"],
    ["qwertyuiop", "weak"],
    ["alexander1987", "weak"],
    ["zebra-quilt-oboe-lamp-fig-magnet", "strong"],
    ["vJ8#kq2!LmZ0pR", "strong"],
  ])("of %s is %s", async (passphrase, level) => {
    const estimate = await createEstimator();
    expect(estimate(passphrase).level).toBe(level);
  });
});
