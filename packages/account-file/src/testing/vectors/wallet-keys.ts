import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { AccountFileErrorCode } from "../../errors.js";
import { keyFromWalletSignature } from "../../protection/wallet-key.js";
import { walletSigningText } from "../../protection/wallet-text.js";
import { join } from "../bytes.js";
import { sampleWallet } from "../samples.js";

const wallet = sampleWallet(7);
const { address } = wallet;
const salt = new Uint8Array(32).fill(0x5a);
const text = walletSigningText({ address, salt });
const signature = await wallet.signMessage({ message: text });
const bytes = hexToBytes(signature.slice(2));
const rs = bytes.subarray(0, 64);
const v = bytes[64] ?? 0;
const { identity, recipient } = await keyFromWalletSignature({
  address,
  salt,
  signature,
});

const hex = (value: Uint8Array): string => `0x${bytesToHex(value)}`;
const withV = (other: number): string => hex(join(rs, Uint8Array.of(other)));
const highS = ((): string => {
  const low = secp256k1.Signature.fromBytes(rs, "compact");
  const high = new secp256k1.Signature(low.r, secp256k1.Point.Fn.neg(low.s));
  return hex(join(high.toBytes("compact"), Uint8Array.of(v === 27 ? 28 : 27)));
})();
const compact = ((): string => {
  const short = rs.slice();
  short[32] = (short[32] ?? 0) | ((v - 27) << 7);
  return hex(short);
})();
const otherWallet = await sampleWallet(8).signMessage({ message: text });
const otherText = await wallet.signMessage({ message: `${text}\n` });

const gives = (name: string, of: string) => ({
  name,
  signature: of,
  expected: { identity, recipient },
});
const fails = (name: string, of: string, error: AccountFileErrorCode) => ({
  name,
  signature: of,
  expected: { error },
});

/** The cases of `wallet-keys.json`. */
export const walletKeyVectors = {
  about:
    "Signatures over the signing text of `address` and `salt`, and the age key that comes of them.",
  privateKey: `0x${"07".repeat(32)}`,
  address,
  salt: bytesToHex(salt),
  text,
  cases: [
    gives("as wallets give it", signature),
    gives("v of 0 or 1", withV(v - 27)),
    gives("64 bytes (EIP-2098)", compact),
    gives("a high s", highS),
    fails("another account", otherWallet, "walletSignatureMismatch"),
    fails("another text", otherText, "walletSignatureMismatch"),
    fails("a v of 29", withV(29), "walletSignatureInvalid"),
    fails("63 bytes", hex(rs.subarray(1)), "walletSignatureInvalid"),
    fails("66 bytes", `${signature}00`, "walletIsContract"),
  ],
};
