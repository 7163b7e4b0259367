import { carryoverClientOptions } from "@carryover/xmtp-node";
import { Client } from "@xmtp/node-sdk";
import type { Environment } from "../profile/profile-store.js";
import { version } from "../version.js";
import { signerOf } from "./signer.js";
import type { WalletKey } from "./wallet-signature.js";

/** What a client is opened with. */
export interface OpenClientOptions {
  wallet: WalletKey;
  environment: Environment;
  /** gRPC address of the local network. */
  networkUrl?: string;
  databasePath: string;
  /** 32 bytes. */
  databaseKey: Uint8Array;
}

/** Opens an installation, and registers it when it is new. Its own device sync cannot answer anybody. */
export async function openClient(
  options: OpenClientOptions,
): Promise<Client<unknown>> {
  const { wallet, environment, networkUrl, databasePath, databaseKey } =
    options;
  const client = await Client.create(signerOf(wallet), {
    ...carryoverClientOptions(),
    env: environment,
    ...(networkUrl === undefined ? {} : { apiUrl: networkUrl }),
    dbPath: databasePath,
    dbEncryptionKey: databaseKey,
    appVersion: `carryover-cli/${version}`,
  });
  return client;
}
