import { join } from "node:path";
import {
  Client,
  type ContentOptions,
  type DeviceSyncOptions,
  type OtherOptions,
} from "@xmtp/node-sdk";
import { signerOf, type WalletKey } from "./wallet.js";

/** Whose installation, and where it is kept. */
export interface ClientPlace {
  walletKey: WalletKey;
  /** Of the network. */
  apiUrl: string;
  /** Of the database and what belongs to it; it exists. */
  directory: string;
  /** 32 bytes: databases are encrypted, as apps have them. */
  databaseKey: Uint8Array;
}

/** Registers an installation, or opens the one that is there. */
export function openClient(
  { walletKey, apiUrl, directory, databaseKey }: ClientPlace,
  options: ContentOptions & DeviceSyncOptions & OtherOptions = {},
): Promise<Client<unknown>> {
  const { codecs = [], ...rest } = options;
  return Client.create<NonNullable<ContentOptions["codecs"]>>(
    signerOf(walletKey),
    {
      env: "local",
      apiUrl,
      dbPath: join(directory, "xmtp.db3"),
      dbEncryptionKey: databaseKey,
      ...rest,
      codecs,
    },
  );
}
