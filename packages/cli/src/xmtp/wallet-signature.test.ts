import { hexToBytes } from "@noble/hashes/utils.js";
import { recoverMessageAddress, toHex } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { describe, expect, it } from "vitest";
import {
  createWalletKey,
  personalSign,
  walletKeyFrom,
} from "./wallet-signature.js";

describe("wallet signature", () => {
  const privateKey =
    "4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";

  it("has the address that other implementations derive", () => {
    expect(walletKeyFrom(hexToBytes(privateKey)).address).toBe(
      privateKeyToAccount(`0x${privateKey}`).address.toLowerCase(),
    );
  });

  it("signs what other implementations sign, to the byte", async () => {
    for (const text of ["", "hello", "ä 🙂\nline two", "x".repeat(1_000)]) {
      expect(
        toHex(personalSign(walletKeyFrom(hexToBytes(privateKey)), text)),
      ).toBe(
        await privateKeyToAccount(`0x${privateKey}`).signMessage({
          message: text,
        }),
      );
    }
  });

  it("draws keys that recover to their address", async () => {
    const key = createWalletKey();
    const recovered = await recoverMessageAddress({
      message: "whose?",
      signature: personalSign(key, "whose?"),
    });
    expect(recovered.toLowerCase()).toBe(key.address);
  });

  it("refuses what is no key", () => {
    expect(() => walletKeyFrom(new Uint8Array(32))).toThrow(RangeError);
    expect(() => walletKeyFrom(new Uint8Array(31).fill(1))).toThrow(RangeError);
  });
});
