import { Client, type IdentifierKind, type Signer } from "@xmtp/node-sdk";
import { hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

// The SDK's enum exists for its types alone.
const ethereum: IdentifierKind = 0;

/** @returns a new wallet, which can register installations of its inbox */
export function newSigner(): Signer {
  const account = privateKeyToAccount(generatePrivateKey());
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

/** Registers a new installation, kept in memory. */
export function newClient(
  network: { readonly grpcUrl: string },
  signer: Signer,
  deviceSync: "on" | "off" = "off",
): Promise<Client> {
  return Client.create(signer, {
    env: "local",
    apiUrl: network.grpcUrl,
    dbPath: null,
    disableDeviceSync: deviceSync === "off",
  });
}
