import {
  CarryoverError,
  type ProtectionChoice,
  type SecretChoice,
} from "@carryover/client";
import { webauthn } from "age-encryption";

/**
 * Makes a passkey that can protect Backup Account Files. It belongs to the domain of this page: a file that is protected by
 * it alone opens there, and nowhere else.
 *
 * @param name - for the person, in the lists of their passkeys
 * @returns how to protect a file with it
 * @throws {CarryoverError} `walletRefused` when the person, or a device without what it takes (WebAuthn PRF), did not do it
 */
export async function createPasskeyProtection(
  name: string,
): Promise<ProtectionChoice> {
  try {
    const identity = await webauthn.createCredential({ keyName: name });
    return {
      kind: "recipients",
      recipients: [new webauthn.WebAuthnRecipient({ identity })],
    };
  } catch (cause) {
    throw new CarryoverError("walletRefused", "no passkey was made", { cause });
  }
}

/** What opens a file that is protected by a passkey of this page's domain: the browser lets the person choose it. */
export function passkeySecret(): SecretChoice {
  return {
    kind: "identities",
    identities: [new webauthn.WebAuthnIdentity({})],
  };
}
