import { bytesToHex } from "@noble/hashes/utils.js";
import { armor, identityToRecipient } from "age-encryption";
import { bech32 } from "@scure/base";
import type { AccountFileErrorCode } from "../../errors.js";
import { FORMAT_NAME, parseHeader } from "../../header/codec.js";
import { walletStanza } from "../../protection/wallet-stanza.js";
import { flip, utf8 } from "../bytes.js";
import { passphraseFile, payloadOf, rawFile, storedGzip } from "../raw-file.js";
import {
  noise,
  sampleDatabase,
  stanzaRecipient,
  walletKeyOf,
} from "../samples.js";
import { withFixedRandomness } from "./fixed-randomness.js";
import { toVectorJson } from "./vector.js";

/** What a reader is given to open a file with. */
export type VectorSecret =
  | { readonly passphrase: string }
  | { readonly walletSignatureOf: { privateKey: string } }
  | { readonly identity: string };

/** What is done to the bytes of a file before it is read. */
export type VectorChange =
  | { readonly cutTo: number }
  | { readonly flipLowestBitAt: number }
  | { readonly append: string };

/** One file, one outcome. */
export interface FileVector {
  readonly name: string;
  /** A file beside the vectors, armored. */
  readonly file: string;
  readonly change?: VectorChange;
  readonly secret: VectorSecret;
  readonly expected:
    | { readonly header: unknown; readonly databaseSha256: string }
    | { readonly error: AccountFileErrorCode };
}

const database = sampleDatabase(1000);
const passphrase = "correct horse battery staple";
const privateKey = `0x${"07".repeat(32)}`;
const identity = bech32
  .encodeFromBytes("AGE-SECRET-KEY-", new Uint8Array(32).fill(0x42))
  .toUpperCase();
const recipient = await identityToRecipient(identity);
const walletKey = await walletKeyOf(7, new Uint8Array(32).fill(0x5a));
const payload = payloadOf(database);
const line = new TextDecoder().decode(payload.subarray(0, payload.indexOf(10)));
const wallet = { wrapFileKey: () => [walletStanza(walletKey.salt)] };
const scryptClaim = (workFactor: string) =>
  stanzaRecipient(["scrypt", "AAAAAAAAAAAAAAAAAAAAAA", workFactor], noise(32));

const makers: Record<string, () => Promise<Uint8Array>> = {
  passphrase: () => passphraseFile(database, passphrase, 10),
  "wallet-signature": () => rawFile(payload, [walletKey.recipient, wallet]),
  "age-identity": () => rawFile(payload, [recipient]),
  "later-version": () =>
    rawFile(utf8(`{"format":"${FORMAT_NAME}","version":2}\n`), [recipient]),
  "other-content": () => rawFile(utf8("{}\n"), [recipient]),
  "other-role": () =>
    rawFile(utf8(`${line.replace("BACKUP", "FULL")}\n`), [recipient]),
  "other-database": () =>
    rawFile(
      payloadOf(database, () => ({ compressed: storedGzip(flip(database, 99)) })),
      [recipient],
    ),
  "without-padding": () =>
    rawFile(
      payloadOf(database, () => ({ padding: () => new Uint8Array(0) })),
      [recipient],
    ),
  "work-factor-too-high": () => rawFile(utf8("\n"), [scryptClaim("30")]),
  "scrypt-with-another": () =>
    rawFile(utf8("\n"), [scryptClaim("10"), recipient]),
  "later-wallet-text": () =>
    rawFile(utf8("\n"), [
      stanzaRecipient(["carryover/wallet-signature", "2"], noise(5)),
    ]),
};

/** The files, armored, by name. */
export const armoredFiles: Readonly<Record<string, string>> =
  await withFixedRandomness(async () => {
    const files: Record<string, string> = {};
    for (const [name, make] of Object.entries(makers))
      files[name] = armor.encode(await make());
    return files;
  });

const { header } = parseHeader(utf8(line));
const whole = {
  header: toVectorJson(header),
  databaseSha256: bytesToHex(header.database.sha256),
};
const withPassphrase: VectorSecret = { passphrase };
const withWallet: VectorSecret = { walletSignatureOf: { privateKey } };
const withIdentity: VectorSecret = { identity };
const fileBytes = armor.decode(armoredFiles["age-identity"] ?? "").length;
const chunkAt = fileBytes - 65_552;

const opens = (file: string, secret: VectorSecret): FileVector => ({
  name: "opens",
  file,
  secret,
  expected: whole,
});
const fails = (
  name: string,
  file: string,
  secret: VectorSecret,
  error: AccountFileErrorCode,
  change?: VectorChange,
): FileVector => ({
  name,
  file,
  ...(change === undefined ? {} : { change }),
  secret,
  expected: { error },
});

const one = "age-identity";
/** The cases of `files.json`. */
export const fileVectors = {
  about:
    "Whole files, and what is wrong with others. `file` is armored: remove the armor, do `change`, then read.",
  cases: [
    opens("passphrase", withPassphrase),
    opens("wallet-signature", withWallet),
    opens("wallet-signature", { identity: walletKey.identity }),
    opens(one, withIdentity),
    fails(
      "another passphrase",
      "passphrase",
      { passphrase: "Correct horse battery staple" },
      "wrongPassphrase",
    ),
    fails(
      "another wallet",
      "wallet-signature",
      { walletSignatureOf: { privateKey: `0x${"08".repeat(32)}` } },
      "wrongWallet",
    ),
    fails(
      "another key",
      one,
      { identity: walletKey.identity },
      "wrongIdentity",
    ),
    fails("a passphrase for a key", one, withPassphrase, "protectionMismatch"),
    fails(
      "a key for a passphrase",
      "passphrase",
      withIdentity,
      "protectionMismatch",
    ),
    fails("empty", one, withIdentity, "truncated", { cutTo: 0 }),
    fails("cut in the first line", one, withIdentity, "truncated", {
      cutTo: 10,
    }),
    fails("cut in the age header", one, withIdentity, "truncated", {
      cutTo: 100,
    }),
    fails("cut in the nonce", one, withIdentity, "truncated", {
      cutTo: chunkAt - 1,
    }),
    fails("cut before the first chunk", one, withIdentity, "truncated", {
      cutTo: chunkAt,
    }),
    fails("cut in a chunk", one, withIdentity, "truncated", {
      cutTo: chunkAt + 1000,
    }),
    fails("a byte short", one, withIdentity, "truncated", {
      cutTo: fileBytes - 1,
    }),
    fails("no age file", one, withIdentity, "notAccountFile", {
      flipLowestBitAt: 0,
    }),
    fails("a bit of the nonce", one, withIdentity, "altered", {
      flipLowestBitAt: chunkAt - 16,
    }),
    fails("a bit of the chunk", one, withIdentity, "altered", {
      flipLowestBitAt: chunkAt + 1000,
    }),
    fails("the last bit", one, withIdentity, "altered", {
      flipLowestBitAt: fileBytes - 1,
    }),
    fails("a byte more", one, withIdentity, "trailingData", { append: "00" }),
    fails(
      "a later version",
      "later-version",
      withIdentity,
      "versionUnsupported",
    ),
    fails("other content", "other-content", withIdentity, "notAccountFile"),
    fails("another role", "other-role", withIdentity, "headerInvalid"),
    fails(
      "another database than declared",
      "other-database",
      withIdentity,
      "databaseMismatch",
    ),
    fails(
      "no padding",
      "without-padding",
      withIdentity,
      "compressionInvalid",
    ),
    fails(
      "too high a work factor",
      "work-factor-too-high",
      withPassphrase,
      "workFactorTooHigh",
    ),
    fails(
      "scrypt beside another stanza",
      "scrypt-with-another",
      withIdentity,
      "altered",
    ),
    fails(
      "a later wallet text",
      "later-wallet-text",
      withWallet,
      "versionUnsupported",
    ),
  ],
};
