import { join } from "node:path";
import { carryoverClientOptions } from "@carryover/xmtp-node";
import {
  Client,
  type ContentOptions,
  type DeviceSyncOptions,
  type IdentifierKind,
  type OtherOptions,
  type Signer,
} from "@xmtp/node-sdk";
import { hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import type { TestNetwork } from "./test-network.js";

/** Somebody with a wallet, and any number of installations. */
export interface Person {
  readonly network: TestNetwork;
  readonly address: string;
  readonly signer: Signer;
}

/** A real client, with no assumption about its codecs. */
export type TestClient = Client<unknown>;

/** How to make an installation. */
export interface InstallationOptions {
  /** File of the database; without it a fresh one. The same file is the same installation again. */
  databasePath?: string;
  /** Instead of the network's own address: that of a link. */
  apiUrl?: string;
  /** Anything else of the client's options. The defaults are those that Carryover asks for. */
  clientOptions?: ContentOptions & DeviceSyncOptions & OtherOptions;
}

const ethereum: IdentifierKind = 0;

/** Makes somebody new. */
export function createPerson(network: TestNetwork): Person {
  const account = privateKeyToAccount(generatePrivateKey());
  const address = account.address.toLowerCase();
  return {
    network,
    address,
    signer: {
      type: "EOA",
      getIdentifier: () => ({
        identifier: address,
        identifierKind: ethereum,
      }),
      signMessage: async (message) =>
        hexToBytes(await account.signMessage({ message })),
    },
  };
}

/** Registers an installation of a person, or opens it again. It is closed with the network. */
export async function newInstallation(
  person: Person,
  { databasePath, apiUrl, clientOptions }: InstallationOptions = {},
): Promise<TestClient> {
  const { network, signer } = person;
  const dbPath =
    databasePath ?? join(await network.temporaryDirectory(), "xmtp.db3");
  const asked = carryoverClientOptions();
  const codecs: NonNullable<ContentOptions["codecs"]> =
    clientOptions?.codecs ?? asked.codecs;
  const client = await Client.create(signer, {
    env: "local",
    apiUrl: apiUrl ?? network.apiUrl,
    dbPath,
    ...asked,
    ...clientOptions,
    codecs,
  });
  network.onClose(() => client.close());
  return client;
}
