import {
  createCipheriv,
  createDecipheriv,
  createHash,
  scrypt,
} from "node:crypto";
import { crc32 } from "node:zlib";
import { createPortablePorts } from "@carryover/backup-file";
import {
  generateX25519Identity,
  identityToRecipient,
  Stanza,
} from "age-encryption";
import { privateKeyToAccount } from "viem/accounts";
import type { AccountFileHeaderInput } from "../header/types.js";
import type { AccountFilePorts } from "../ports.js";
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

/** Bytes that do not compress, the same every time. */
export const noise = (bytes: number, seed = "noise"): Uint8Array => {
  const blocks: Uint8Array[] = [];
  for (let n = 0; n * 32 < bytes; n += 1)
    blocks.push(createHash("sha256").update(`${seed} ${n}`).digest());
  return join(...blocks).slice(0, bytes);
};

/** What begins as a SQLite database and goes on as noise. */
export const sampleDatabase = (bytes: number): Uint8Array =>
  join(utf8("SQLite format 3\0"), noise(Math.max(0, bytes - 16)));

/** Size and SHA-256 by another implementation than the product's. */
export const measure = (database: Uint8Array) => ({
  sizeBytes: database.length,
  sha256: new Uint8Array(createHash("sha256").update(database).digest()),
});

const cipherName = "chacha20-poly1305";
const tag = { authTagLength: 16 };

/** Portable ports with OpenSSL's cipher, hash and scrypt: another implementation, and quicker. */
export const quickPorts: AccountFilePorts = {
  ...createPortablePorts(),
  chaCha20Poly1305: {
    seal(key, nonce, plaintext) {
      const cipher = createCipheriv(cipherName, key, nonce, tag);
      const sealed = cipher.update(plaintext);
      cipher.final();
      return join(sealed, cipher.getAuthTag());
    },
    open(key, nonce, sealed) {
      if (sealed.length < 16) return undefined;
      const decipher = createDecipheriv(cipherName, key, nonce, tag);
      decipher.setAuthTag(sealed.subarray(-16));
      const plain = decipher.update(sealed.subarray(0, -16));
      try {
        decipher.final();
      } catch {
        // OpenSSL's only way to say that the tag is wrong.
        return undefined;
      }
      return new Uint8Array(plain);
    },
  },
  createSha256: () => {
    const hash = createHash("sha256");
    return {
      update: (bytes) => void hash.update(bytes),
      digest: () => new Uint8Array(hash.digest()),
    };
  },
  crc32: (bytes, before) => crc32(bytes, before),
  scrypt: (passphrase, salt, workFactor) =>
    new Promise((resolve, reject) => {
      const N = 2 ** workFactor;
      scrypt(
        passphrase,
        salt,
        32,
        { N, r: 8, p: 1, maxmem: 256 * 8 * N },
        (error, key) => {
          if (error === null) resolve(new Uint8Array(key));
          else reject(error);
        },
      );
    }),
};

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
      ports: quickPorts,
      ...others,
    }).file,
  );

/** A recipient that writes any stanza, whatever it says. */
export const stanzaRecipient = (args: string[], body: Uint8Array) => ({
  wrapFileKey: () => [new Stanza(args, body)],
});
