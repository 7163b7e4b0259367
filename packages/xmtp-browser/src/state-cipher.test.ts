import { describe, expect, it } from "vitest";
import { systemRandomBytes } from "./clock.js";
import { createOwnKeys } from "./own-database.js";
import { createStateCipher } from "./state-cipher.js";

const owner = "a".repeat(64);
const record = new TextEncoder().encode("a very secret record");
const unreadable = { name: "CarryoverError", code: "stateUnreadable" };

describe("the cipher of the records", () => {
  it("opens what it has sealed, and writes nothing of it in the clear", async () => {
    const { seal: key } = await createOwnKeys();
    const cipher = createStateCipher(key, owner, systemRandomBytes);
    const sealed = await cipher.seal(record);
    expect(Buffer.from(sealed).includes("secret")).toBe(false);
    expect(await cipher.open(sealed)).toEqual(record);
    expect(await cipher.seal(record)).not.toEqual(sealed);
  });

  it("opens with no other key, and for no other installation", async () => {
    const { seal: key } = await createOwnKeys();
    const { seal: otherKey } = await createOwnKeys();
    const sealed = await createStateCipher(key, owner, systemRandomBytes).seal(
      record,
    );
    for (const other of [
      createStateCipher(otherKey, owner, systemRandomBytes),
      createStateCipher(key, "b".repeat(64), systemRandomBytes),
    ])
      await expect(other.open(sealed)).rejects.toMatchObject(unreadable);
  });

  it("refuses records that were cut anywhere or have one bit flipped", async () => {
    const { seal: key } = await createOwnKeys();
    const cipher = createStateCipher(key, owner, systemRandomBytes);
    const sealed = await cipher.seal(record);
    for (let length = 0; length < sealed.length; length += 1)
      await expect(
        cipher.open(sealed.subarray(0, length)),
        `cut at ${length}`,
      ).rejects.toMatchObject(unreadable);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const flipped = sealed.slice();
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await expect(cipher.open(flipped), `bit ${bit}`).rejects.toMatchObject(
        unreadable,
      );
    }
  });

  it("has keys that cannot be taken out", async () => {
    for (const key of Object.values(await createOwnKeys()) as CryptoKey[])
      await expect(crypto.subtle.exportKey("raw", key)).rejects.toThrow();
  });
});
