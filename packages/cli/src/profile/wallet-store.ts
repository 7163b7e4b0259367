import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { readdir } from "node:fs/promises";
import { CliError } from "../cli-error.js";
import { hint } from "../terminal/hint.js";
import { type WalletKey, walletKeyFrom } from "../xmtp/wallet-signature.js";
import type { Home } from "./home.js";
import {
  exists,
  isMissing,
  makePrivateDirectory,
  readPrivateFile,
  writePrivateFile,
} from "./private-file.js";

/**
 * Keeps a wallet's key in a 0600 file.
 *
 * @throws {CliError} `walletExists`
 */
export async function saveWallet(
  home: Home,
  name: string,
  key: WalletKey,
): Promise<void> {
  if (await exists(home.walletFile(name)))
    throw new CliError(
      "walletExists",
      `there is a wallet named ${name}`,
      "It was left as it is. Use it, or choose another name.",
    );
  await makePrivateDirectory(home.walletsDirectory);
  await writePrivateFile(
    home.walletFile(name),
    `${JSON.stringify({ address: key.address, privateKey: bytesToHex(key.privateKey) })}\n`,
    "keep",
  );
}

/** @throws {CliError} `walletMissing`, `walletUnreadable`, `notPrivate` */
export async function loadWallet(home: Home, name: string): Promise<WalletKey> {
  const text = await readPrivateFile(home.walletFile(name));
  if (text === undefined)
    throw new CliError(
      "walletMissing",
      `there is no wallet named ${name}`,
      `Nothing was changed. To bring back one that you have: ${hint(`wallet import ${name}`)}. To make a new one: ${hint(`wallet create ${name}`)}`,
    );
  try {
    const stored: unknown = JSON.parse(text);
    if (
      typeof stored === "object" &&
      stored !== null &&
      "privateKey" in stored &&
      typeof stored.privateKey === "string"
    )
      return walletKeyFrom(hexToBytes(stored.privateKey));
  } catch {
    // The cause could quote the file: it is not passed on.
  }
  throw new CliError(
    "walletUnreadable",
    `the file of wallet ${name} is damaged`,
    "Nothing was changed. Put the file back from a copy, or import the key again under another name.",
  );
}

/** Names of all wallets, in order. */
export async function listWallets(home: Home): Promise<string[]> {
  return (await entriesOf(home.walletsDirectory))
    .filter((entry) => entry.endsWith(".json") && !entry.startsWith("."))
    .map((entry) => entry.slice(0, -".json".length))
    .sort();
}

/** Names in a directory; none when there is no such directory. */
export async function entriesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/**
 * Reads a private key as wallets export it: 64 hex digits, with or without `0x`.
 *
 * @throws {CliError} `usage`, without a word of what was given
 */
export function parseWalletKey(text: string): WalletKey {
  const digits = text.trim().replace(/^0x/i, "");
  if (/^[0-9a-f]{64}$/i.test(digits)) {
    try {
      return walletKeyFrom(hexToBytes(digits));
    } catch {
      // Falls through: the number is out of range.
    }
  }
  throw new CliError(
    "usage",
    "that is not an Ethereum private key",
    "A key has 64 hex digits, with or without 0x. Nothing was stored.",
  );
}
