import { scryptAsync } from "@noble/hashes/scrypt.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { base64nopad } from "@scure/base";
import { Stanza } from "age-encryption";
import { AccountFileError } from "../errors.js";
import type { AccountFilePorts } from "../ports.js";
import { throwIfAborted } from "../translate.js";
import { decodeBase64 } from "./wallet-stanza.js";

/** The stanza type of age v1 for passphrases. */
export const SCRYPT_STANZA = "scrypt";
const SALT_BYTES = 16;
const WRAPPED_BYTES = 32;
const BLOCK_SIZE = 8;
/** How long portable scrypt works at a stretch before it lets others work. */
const STRETCH_MS = 20;
const label = new TextEncoder().encode("age-encryption.org/v1/scrypt");
const zeroNonce = new Uint8Array(12);

/** What a scrypt stanza says. */
export interface ScryptStanza {
  readonly salt: Uint8Array;
  /** log2 of N, from 1 on; not yet checked against any limit. */
  readonly workFactor: number;
  /** The file key under the passphrase. */
  readonly wrapped: Uint8Array;
}

/** @throws AccountFileError `altered` */
export const parseScryptStanza = ({ args, body }: Stanza): ScryptStanza => {
  const [, saltText = "", workFactorText = ""] = args;
  const salt = decodeBase64(saltText);
  // age v1: "The work factor is encoded as a decimal number without leading zeros."
  if (
    args.length !== 3 ||
    salt?.length !== SALT_BYTES ||
    !/^[1-9][0-9]{0,8}$/.test(workFactorText) ||
    body.length !== WRAPPED_BYTES
  )
    throw new AccountFileError("altered", "scrypt stanza is malformed");
  return { salt, workFactor: Number(workFactorText), wrapped: body };
};

/** NFC, so that the same keys on another system give the same bytes. @throws AccountFileError `passphraseInvalid` */
const passphraseBytes = (passphrase: string): Uint8Array => {
  if (passphrase === "" || /\p{Surrogate}/u.test(passphrase))
    throw new AccountFileError(
      "passphraseInvalid",
      "passphrase: it is empty or no Unicode text",
    );
  return new TextEncoder().encode(passphrase.normalize("NFC"));
};

const portableScrypt = (
  passphrase: Uint8Array,
  salt: Uint8Array,
  workFactor: number,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> => {
  const N = 2 ** workFactor;
  return scryptAsync(passphrase, salt, {
    N,
    r: BLOCK_SIZE,
    p: 1,
    dkLen: 32,
    asyncTick: STRETCH_MS,
    // The caller has checked the work factor; the library's own limit is lower than age's.
    maxmem: 128 * BLOCK_SIZE * (N + 2),
    onProgress: () => throwIfAborted(signal),
  });
};

/** How the key under a passphrase is derived. */
export interface ScryptOptions {
  readonly passphrase: string;
  readonly ports: AccountFilePorts;
  readonly signal: AbortSignal | undefined;
}

const wrapKey = async (
  { passphrase, ports, signal }: ScryptOptions,
  salt: Uint8Array,
  workFactor: number,
): Promise<Uint8Array> => {
  throwIfAborted(signal);
  const secret = passphraseBytes(passphrase);
  const labelledSalt = concatBytes(label, salt);
  try {
    return await (ports.scrypt === undefined
      ? portableScrypt(secret, labelledSalt, workFactor, signal)
      : ports.scrypt(secret, labelledSalt, workFactor));
  } catch (cause) {
    throwIfAborted(signal);
    // Only memory can run out here.
    throw new AccountFileError(
      "workFactorTooHigh",
      `this device cannot do work factor ${workFactor}`,
      cause,
    );
  } finally {
    secret.fill(0);
  }
};

/** A recipient that wraps a file key under a passphrase, with a new salt. @throws AccountFileError `passphraseInvalid` */
export const createScryptRecipient = async (
  options: ScryptOptions,
  workFactor: number,
): Promise<{ wrapFileKey(fileKey: Uint8Array): Stanza[] }> => {
  const salt = crypto.getRandomValues(new Uint8Array(SALT_BYTES));
  // Derived first: it takes long and can be stopped, while wrapping cannot.
  const key = await wrapKey(options, salt, workFactor);
  return {
    wrapFileKey: (fileKey) => [
      new Stanza(
        [SCRYPT_STANZA, base64nopad.encode(salt), workFactor.toString()],
        options.ports.chaCha20Poly1305.seal(key, zeroNonce, fileKey),
      ),
    ],
  };
};

/** The file key. @throws AccountFileError `passphraseInvalid`, `wrongPassphrase` */
export const unwrapWithPassphrase = async (
  options: ScryptOptions,
  { salt, workFactor, wrapped }: ScryptStanza,
): Promise<Uint8Array> => {
  const key = await wrapKey(options, salt, workFactor);
  const fileKey = options.ports.chaCha20Poly1305.open(key, zeroNonce, wrapped);
  if (fileKey === undefined)
    throw new AccountFileError(
      "wrongPassphrase",
      "the passphrase does not open the file",
    );
  return fileKey;
};
