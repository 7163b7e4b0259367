import { base64nopad } from "@scure/base";
import { Stanza } from "age-encryption";
import { AccountFileError } from "../errors.js";
import { WALLET_SALT_BYTES } from "./wallet-text.js";

/**
 * The stanza beside the wallet key's own: it wraps nothing, and carries the version of the signing text and its salt.
 * age tools pass over stanzas that they do not know.
 */
export const WALLET_STANZA = "carryover/wallet-signature";
const TEXT_VERSION = "1";

/** The stanza for a salt. */
export const walletStanza = (salt: Uint8Array): Stanza =>
  new Stanza(
    [WALLET_STANZA, TEXT_VERSION, base64nopad.encode(salt)],
    new Uint8Array(0),
  );

/** The salt of a stanza. @throws AccountFileError `versionUnsupported`, `altered` */
export const parseWalletStanza = ({ args, body }: Stanza): Uint8Array => {
  const [, version = "", salt = ""] = args;
  if (/^[0-9]{1,9}$/.test(version) && version !== TEXT_VERSION)
    throw new AccountFileError(
      "versionUnsupported",
      `wallet stanza: expected version ${TEXT_VERSION}, got ${version}`,
    );
  const bytes = decodeBase64(salt);
  if (
    args.length !== 3 ||
    version !== TEXT_VERSION ||
    body.length !== 0 ||
    bytes?.length !== WALLET_SALT_BYTES
  )
    throw new AccountFileError("altered", "wallet stanza is malformed");
  return bytes;
};

/** `undefined` for what is no unpadded base64. */
export const decodeBase64 = (text: string): Uint8Array | undefined => {
  try {
    return base64nopad.decode(text);
  } catch {
    // The library's only way to say so.
    return undefined;
  }
};
