import { sha256 } from "@noble/hashes/sha2.js";
import {
  generateX25519Identity,
  identityToRecipient,
  Stanza,
} from "age-encryption";
import { privateKeyToAccount } from "viem/accounts";
import type { AccountFileHeaderInput } from "../header/types.js";
import type { AccountFileProtection } from "../protection/types.js";
import { newKeyFromWalletSignatures } from "../protection/wallet-key.js";
import { walletSigningText } from "../protection/wallet-text.js";
import {
  writeBackupAccountFile,
  type WriteBackupAccountFileOptions,
} from "../write-account-file.js";
import { collect, join, streamOfBytes, utf8 } from "./bytes.js";

const DAY_NS = 86_400_000_000_000n;
const createdAtNs = 1_790_000_000_000_000_000n;

/** What sample files say of themselves. */
export const sampleHeader: AccountFileHeaderInput = {
  producer: {
    name: "carryover-test",
    version: "0.0.0",
    libxmtpVersion: "1.10.0-b649d1a",
  },
  environment: "local",
  inboxId: "0a".repeat(32),
  account: { kind: "ethereum", identifier: `0x${"ac".repeat(20)}` },
  installationId: "1b".repeat(32),
  createdAtNs,
  sequence: 2,
  refreshedAtNs: createdAtNs + 3n * DAY_NS,
  keyPackageExpiresAtNs: createdAtNs + 87n * DAY_NS,
  messagesKeptUntilNs: createdAtNs + 33n * DAY_NS,
  seededAtNs: createdAtNs,
};

/** Bytes that do not compress, the same every time (xorshift). */
export const noise = (bytes: number, seed = 1): Uint8Array => {
  let state = (seed * 0x9e37_79b9) | 1;
  return new Uint8Array(bytes).map(() => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  });
};

/** What begins as a SQLite database and goes on as noise. */
export const sampleDatabase = (bytes: number): Uint8Array =>
  join(utf8("SQLite format 3\0"), noise(Math.max(0, bytes - 16)));

/** Size and SHA-256 of a database. */
export const measure = (database: Uint8Array) => ({
  sizeBytes: database.length,
  sha256: sha256(database),
});

/** A key pair for a test. */
export const createKeyPair = async () => {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
};

/** A wallet whose key is one byte repeated, from an implementation that is not the product's. */
export const sampleWallet = (byte: number) =>
  privateKeyToAccount(`0x${byte.toString(16).padStart(2, "0").repeat(32)}`);

/** The key that a sample wallet gives for a salt. */
export const walletKeyOf = async (byte: number, salt: Uint8Array) => {
  const wallet = sampleWallet(byte);
  const { address } = wallet;
  const message = walletSigningText({ address, salt });
  const sign = () => wallet.signMessage({ message });
  return newKeyFromWalletSignatures({
    address,
    salt,
    signatures: [await sign(), await sign()],
  });
};

/** A whole file of a database. */
export const writeFile = (
  database: Uint8Array,
  protection: AccountFileProtection,
  others: Partial<WriteBackupAccountFileOptions> = {},
): Promise<Uint8Array> =>
  collect(
    writeBackupAccountFile({
      header: sampleHeader,
      database: streamOfBytes(database),
      measured: measure(database),
      protection,
      ...others,
    }).file,
  );

/** A recipient that writes any stanza, whatever it says. */
export const stanzaRecipient = (args: string[], body: Uint8Array) => ({
  wrapFileKey: () => [new Stanza(args, body)],
});
