import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRememberingScrypt } from "./remembering-scrypt.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const bytes = (text: string) => new TextEncoder().encode(text);

function counting() {
  const made: Uint8Array[] = [];
  const scrypt = createRememberingScrypt(async (passphrase, salt) => {
    const key = new Uint8Array([made.length + 1, ...salt, ...passphrase]);
    made.push(key);
    return key;
  });
  return { scrypt, made };
}

test("a key is derived once, and is each caller's own", async () => {
  const { scrypt, made } = counting();
  const derive = () => scrypt(bytes("passphrase"), bytes("salt"), 18);
  const [one, two] = await Promise.all([derive(), derive()]);
  const three = await derive();
  expect(made).toHaveLength(1);
  one.fill(0);
  expect(two[0]).toBe(1);
  expect(three).toEqual(two);
});

test("another passphrase, salt or work factor is another key", async () => {
  const { scrypt, made } = counting();
  await scrypt(bytes("passphrase"), bytes("salt"), 18);
  await scrypt(bytes("passphrasf"), bytes("salt"), 18);
  await scrypt(bytes("passphrase"), bytes("salu"), 18);
  await scrypt(bytes("passphrase"), bytes("salt"), 17);
  await scrypt(bytes("tpassphrase"), bytes("sal"), 18);
  expect(made).toHaveLength(5);
});

test("it is wiped half a minute after it was last needed, or when others come", async () => {
  const { scrypt, made } = counting();
  const derive = (salt = "salt") =>
    scrypt(bytes("passphrase"), bytes(salt), 18);
  await derive();
  await vi.advanceTimersByTimeAsync(29_000);
  await derive();
  await vi.advanceTimersByTimeAsync(29_000);
  expect(made[0]?.some((byte) => byte !== 0)).toBe(true);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(made[0]?.every((byte) => byte === 0)).toBe(true);
  for (const salt of ["1", "2", "3", "4", "5"]) await derive(salt);
  await vi.advanceTimersByTimeAsync(0);
  expect(made.map((key) => key.every((byte) => byte === 0))).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

test("a failure is not remembered", async () => {
  let tries = 0;
  const scrypt = createRememberingScrypt(async () => {
    tries += 1;
    if (tries === 1) throw new Error("out of memory");
    return new Uint8Array([7]);
  });
  const derive = () => scrypt(bytes("passphrase"), bytes("salt"), 18);
  await expect(derive()).rejects.toThrow("out of memory");
  expect(await derive()).toEqual(new Uint8Array([7]));
});
