import {
  AccountFileError,
  type AccountFileProtection,
  type AccountFileSecret,
  createWalletSalt,
  inspectBackupAccountFile,
  keyFromWalletSignature,
  newKeyFromWalletSignatures,
  walletSigningText,
} from "@carryover/account-file";
import { CarryoverError } from "../errors.js";
import type { AccountFilePlace } from "../ports/account-file-place.js";
import type { AccountSigner } from "../ports/dormant-installations.js";
import type { ProtectionChoice, SecretChoice } from "./api.js";

/**
 * What opens a file, with the wallet's signature where it needs one.
 *
 * @throws {CarryoverError} `walletRefused`, `accountFileNotFound`
 * @throws {AccountFileError} `protectionMismatch`, `walletIsContract`, `walletSignatureMismatch`, …
 */
export async function resolveSecret(
  file: AccountFilePlace,
  secret: SecretChoice,
): Promise<AccountFileSecret> {
  if (secret.kind !== "wallet") return secret;
  const { protection } = await inspectBackupAccountFile({
    file: await file.open(),
  });
  if (protection.kind !== "walletSignature")
    throw new AccountFileError(
      "protectionMismatch",
      `the file is protected by ${protection.kind}, the secret is of kind wallet`,
    );
  const { salt } = protection;
  const address = await addressOf(secret.signer);
  const signature = await sign(secret.signer, { address, salt });
  return {
    kind: "walletSignature",
    key: await keyFromWalletSignature({ address, salt, signature }),
  };
}

/**
 * How a file is protected, with the wallet's signatures where it needs them.
 *
 * @throws {CarryoverError} `walletRefused`
 * @throws {AccountFileError} `walletIsContract`, `walletNotDeterministic`, …
 */
export async function resolveProtection(
  protection: ProtectionChoice,
): Promise<AccountFileProtection> {
  if (protection.kind !== "wallet") return protection;
  const { signer } = protection;
  const salt = createWalletSalt();
  const address = await addressOf(signer);
  const first = await sign(signer, { address, salt });
  const second = await sign(signer, { address, salt });
  return {
    kind: "walletSignature",
    key: await newKeyFromWalletSignatures({
      address,
      salt,
      signatures: [first, second],
    }),
  };
}

async function addressOf(signer: AccountSigner): Promise<string> {
  if (signer.type === "SCW")
    throw new AccountFileError(
      "walletIsContract",
      "signer: a smart-contract wallet signs differently over time",
    );
  return (await signer.getIdentifier()).identifier;
}

async function sign(
  signer: AccountSigner,
  text: { address: string; salt: Uint8Array },
): Promise<Uint8Array> {
  const message = walletSigningText(text);
  try {
    return await signer.signMessage(message);
  } catch (cause) {
    throw new CarryoverError("walletRefused", "the wallet did not sign", {
      cause,
    });
  }
}
