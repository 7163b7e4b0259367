import type { IdentifierKind, Signer } from "@xmtp/node-sdk";
import { hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

/** The private key of a wallet made for a run; it can be told to another process. */
export type WalletKey = `0x${string}`;

const ethereum: IdentifierKind = 0;

export const newWalletKey = (): WalletKey => generatePrivateKey();

/** The wallet, as the SDK asks it to sign. */
export function signerOf(key: WalletKey): Signer {
  const account = privateKeyToAccount(key);
  return {
    type: "EOA",
    getIdentifier: () => ({
      identifier: account.address.toLowerCase(),
      identifierKind: ethereum,
    }),
    signMessage: async (message) =>
      hexToBytes(await account.signMessage({ message })),
  };
}
