import { bytesToHex } from "@noble/hashes/utils.js";
import { AccountFileError } from "../errors.js";

/** Bytes of the random salt in a signing text. */
export const WALLET_SALT_BYTES = 32;

/** What one signing text is for. */
export interface WalletSigningText {
  /** The account that signs: `0x` and 40 hex digits. */
  readonly address: string;
  /** 32 bytes: random for a new file, the file's own to open it. */
  readonly salt: Uint8Array;
}

/** An address in lower case. @throws AccountFileError `walletInputInvalid` */
export const parseAddress = (address: string): string => {
  if (!/^0x[0-9a-fA-F]{40}$/.test(address))
    throw new AccountFileError(
      "walletInputInvalid",
      "address: expected 0x and 40 hex digits",
    );
  return address.toLowerCase();
};

/** A salt for a new file, from the platform's cryptographic source. */
export const createWalletSalt = (): Uint8Array =>
  crypto.getRandomValues(new Uint8Array(WALLET_SALT_BYTES));

/**
 * The text that a wallet signs (EIP-191 `personal_sign`) to protect or open one file. Plain ASCII, lines end with a line
 * feed, none at the end.
 *
 * @throws AccountFileError `walletInputInvalid`
 */
export const walletSigningText = ({
  address,
  salt,
}: WalletSigningText): string => {
  if (salt.length !== WALLET_SALT_BYTES)
    throw new AccountFileError(
      "walletInputInvalid",
      `salt: expected ${WALLET_SALT_BYTES} bytes, got ${salt.length}`,
    );
  return `Backup Account File, version 1

Your signature on this text is the key to a file that can read the messages of your XMTP account.

Sign it only in the app in which you yourself are making or opening that file. Never sign it on any other website, for support staff, or to claim or prove anything: whoever has this signature and the file can read your messages.

Signing costs nothing and sends nothing.

Account: ${parseAddress(address)}
Salt: ${bytesToHex(salt)}`;
};
