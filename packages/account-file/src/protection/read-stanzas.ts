import type { Stanza } from "age-encryption";
import {
  createAgeDecrypter,
  openAgeHeader,
} from "@carryover/backup-file/layers";
import { BackupFileError } from "@carryover/backup-file";
import { AccountFileError } from "../errors.js";
import { translate } from "../translate.js";
import {
  parseScryptStanza,
  SCRYPT_STANZA,
  type ScryptStanza,
} from "./scrypt.js";
import type { PublicProtection } from "./types.js";
import { parseWalletStanza, WALLET_STANZA } from "./wallet-stanza.js";

/** The stanza type of `age-encryption` for passkeys. */
const PASSKEY_STANZA = "age-encryption.org/fido2prf";
const MAX_STANZA_TYPES = 20;

/** The types that files are written with. */
const knownTypes = [
  SCRYPT_STANZA,
  "X25519",
  "mlkem768x25519",
  WALLET_STANZA,
  PASSKEY_STANZA,
];

/**
 * Whether a stanza is of a known type but for one character, or for the space behind it. A recipients' file may have stanzas
 * of any type; taken for such a one, a passphrase's file of which a byte was changed would ask for an age identity.
 */
const isNearlyKnown = ({ args }: Stanza): boolean => {
  const line = `${args.join(" ")} `;
  return knownTypes.some((type) => {
    const known = `${type} `;
    let differing = 0;
    for (let at = 0; at < known.length; at += 1)
      if (line[at] !== known[at]) differing += 1;
    return differing === 1;
  });
};

/** What the age header says without any secret. */
export interface ReadStanzas {
  readonly protection: PublicProtection;
  /** Where a passphrase protects the file. */
  readonly scrypt: ScryptStanza | undefined;
}

/** The stanzas of a header. `age-encryption` shows them to identities alone, so one is made that looks and passes. */
const stanzasOf = async (ageHeader: Uint8Array): Promise<readonly Stanza[]> => {
  let stanzas: readonly Stanza[] = [];
  const onlooker = {
    unwrapFileKey(all: Stanza[]): null {
      stanzas = all;
      return null;
    },
  };
  try {
    await openAgeHeader(ageHeader, createAgeDecrypter([onlooker]));
  } catch (error) {
    if (!(
      error instanceof BackupFileError && error.code === "identityMismatch"
    ))
      throw translate(error);
  }
  return stanzas;
};

/** @throws AccountFileError `altered`, `versionUnsupported` */
export const readStanzas = async (
  ageHeader: Uint8Array,
): Promise<ReadStanzas> => {
  const stanzas = await stanzasOf(ageHeader);
  const types = stanzas.map(({ args }) => args[0] ?? "");
  const [first] = stanzas;
  if (first === undefined)
    throw new AccountFileError("altered", "the age header has no stanza");
  if (stanzas.some(isNearlyKnown))
    throw new AccountFileError(
      "altered",
      "a stanza's type is a known one but for one character",
    );
  if (types.includes(SCRYPT_STANZA)) {
    // age v1: "an scrypt stanza, if present, MUST be the only stanza in the header".
    if (stanzas.length !== 1)
      throw new AccountFileError("altered", "stanzas beside a scrypt stanza");
    const scrypt = parseScryptStanza(first);
    return {
      protection: { kind: "passphrase", workFactor: scrypt.workFactor },
      scrypt,
    };
  }
  const walletStanzas = stanzas.filter(({ args }) => args[0] === WALLET_STANZA);
  const [wallet] = walletStanzas;
  if (wallet !== undefined) {
    if (walletStanzas.length !== 1)
      throw new AccountFileError("altered", "several wallet stanzas");
    return {
      protection: { kind: "walletSignature", salt: parseWalletStanza(wallet) },
      scrypt: undefined,
    };
  }
  return {
    protection: types.includes(PASSKEY_STANZA)
      ? { kind: "passkey" }
      : { kind: "recipients", stanzaTypes: types.slice(0, MAX_STANZA_TYPES) },
    scrypt: undefined,
  };
};
