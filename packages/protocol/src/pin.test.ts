import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  createVerificationPin,
  parseTypedPin,
  pinFromNumber,
  pinToNumber,
} from "./pin.js";
import { failureOf } from "./testing/samples.js";

/** SHA-256 in counter mode: even, and the same on every run. */
function deterministicBytes(seed: string): (length: number) => Uint8Array {
  let pool = Buffer.alloc(0);
  let counter = 0;
  return (length) => {
    while (pool.length < length) {
      const block = createHash("sha256").update(`${seed} ${counter}`).digest();
      pool = Buffer.concat([pool, block]);
      counter += 1;
    }
    const taken = Uint8Array.from(pool.subarray(0, length));
    pool = pool.subarray(length);
    return taken;
  };
}

/** Hands out 32-bit numbers, big-endian. */
function draws(...numbers: number[]): (length: number) => Uint8Array {
  const left = [...numbers];
  return (length) => {
    const next = left.shift();
    if (next === undefined || length !== 4) throw new Error("drawn too often");
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, next);
    return bytes;
  };
}

describe("a new PIN", () => {
  it("is four digits, with leading zeros", () => {
    expect(createVerificationPin(draws(42))).toBe("0042");
    expect(createVerificationPin(draws(0))).toBe("0000");
    expect(createVerificationPin(draws(1_239_999))).toBe("9999");
  });

  it("is drawn again from the numbers that would favour low PINs", () => {
    // 2^32 = 429,496 * 10,000 + 7,296
    expect(createVerificationPin(draws(4_294_959_999))).toBe("9999");
    expect(createVerificationPin(draws(4_294_960_000, 4_294_967_295, 7))).toBe(
      "0007",
    );
  });

  it("is each of the 10,000 with the same chance", () => {
    const randomBytes = deterministicBytes("pin");
    const count = 400_000;
    const seen = new Map<string, number>();
    for (let n = 0; n < count; n += 1) {
      const pin = createVerificationPin(randomBytes);
      seen.set(pin, (seen.get(pin) ?? 0) + 1);
    }
    expect(seen.size).toBe(10_000);
    const expected = count / 10_000;
    const chiSquare = [...seen.values()].reduce(
      (sum, times) => sum + (times - expected) ** 2 / expected,
      0,
    );
    // 9,999 degrees of freedom: mean 9,999, standard deviation 141. Four of them to either side.
    expect(chiSquare).toBeGreaterThan(9_999 - 4 * 141);
    expect(chiSquare).toBeLessThan(9_999 + 4 * 141);
  });

  it("would fail that measure if it took the remainder of 16 bits", () => {
    const randomBytes = deterministicBytes("pin");
    const seen = new Array<number>(10_000).fill(0);
    for (let n = 0; n < 400_000; n += 1) {
      const [high = 0, low = 0] = randomBytes(2);
      const pin = (high * 256 + low) % 10_000;
      seen[pin] = (seen[pin] ?? 0) + 1;
    }
    const chiSquare = seen.reduce(
      (sum, times) => sum + (times - 40) ** 2 / 40,
      0,
    );
    expect(chiSquare).toBeGreaterThan(9_999 + 4 * 141);
  });
});

describe("on the wire", () => {
  it("is the same PIN again, every one of them", () => {
    for (let value = 0; value < 10_000; value += 1) {
      const pin = pinFromNumber(value);
      expect(pin).toMatch(/^[0-9]{4}$/);
      expect(pinToNumber(pin)).toBe(value);
    }
    expect(pinFromNumber(42)).toBe("0042");
  });

  it.each([-1, 10_000, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31 - 1])(
    "%d is no PIN, and the error does not tell it",
    (value) => {
      const error = failureOf(() => pinFromNumber(value, "request.pin"));
      expect(error.code).toBe("invalidField");
      expect(error.message).toBe("request.pin: not a four-digit PIN");
    },
  );
});

describe("what a person types", () => {
  it.each([
    ["0042", "0042"],
    [" 0042 ", "0042"],
    ["00 42", "0042"],
    ["00-42", "0042"],
    ["0 0 4 2\n", "0042"],
    ["0042", "0042"],
  ])("%j is %s", (typed, pin) => {
    expect(parseTypedPin(typed)).toBe(pin);
  });

  it.each([
    "",
    "42",
    "042",
    "00042",
    "42.0",
    "+042",
    "0x42",
    "4e03",
    "004２",
    "٠٠٤٢",
    "0042a",
  ])("%j is none", (typed) => {
    expect(parseTypedPin(typed)).toBeUndefined();
  });
});
