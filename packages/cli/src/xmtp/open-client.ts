import { carryoverClientOptions } from "@carryover/xmtp-node";
import { Client } from "@xmtp/node-sdk";
import type { Environment } from "../profile/profile-store.js";
import { version } from "../version.js";
import { networkWorkers } from "./sdk-values.js";
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
  return Client.create(signerOf(options.wallet), clientOptions(options));
}

/**
 * Opens an installation to read what it has: nothing is fetched, and nothing done in the background that would have to be
 * sent.
 *
 * @param options.networkUrl - of what stands in for the network, see `standInForNetwork`
 */
export async function openClientToRead(
  options: OpenClientOptions & { networkUrl: string },
): Promise<Client<unknown>> {
  return Client.build(await signerOf(options.wallet).getIdentifier(), {
    ...clientOptions(options),
    workerConfig: { disabledWorkers: networkWorkers },
  });
}

const clientOptions = ({
  environment,
  networkUrl,
  databasePath,
  databaseKey,
}: OpenClientOptions) => ({
  ...carryoverClientOptions(),
  env: environment,
  ...(networkUrl === undefined ? {} : { apiUrl: networkUrl }),
  dbPath: databasePath,
  dbEncryptionKey: databaseKey,
  appVersion: `carryover-cli/${version}`,
});
