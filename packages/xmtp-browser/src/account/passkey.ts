import {
  asCarryoverError,
  type ProtectionChoice,
  type SecretChoice,
} from "@carryover/client";
import { type Stanza, webauthn } from "age-encryption";

/**
 * Makes a passkey that can protect Backup Account Files. It belongs to the domain of this page: a file that is protected by
 * it alone opens there, and nowhere else. The person is asked again when a file is written.
 *
 * @param name - for the person, in the lists of their passkeys
 * @returns how to protect a file with it
 * @throws {CarryoverError} `passkeyRefused` when the person did not, or the device cannot (WebAuthn PRF); from what the file
 * is written with, too
 */
export async function createPasskeyProtection(
  name: string,
): Promise<ProtectionChoice> {
  const identity = await asked(() =>
    webauthn.createCredential({ keyName: name }),
  );
  const passkey = new webauthn.WebAuthnRecipient({ identity });
  return {
    kind: "recipients",
    recipients: [
      {
        wrapFileKey: (fileKey: Uint8Array) =>
          asked(() => passkey.wrapFileKey(fileKey)),
      },
    ],
  };
}

/**
 * What opens a file that is protected by a passkey of this page's domain: the browser lets the person choose it. Whatever the
 * file is opened with throws `passkeyRefused` when they did not.
 */
export function passkeySecret(): SecretChoice {
  const passkey = new webauthn.WebAuthnIdentity({});
  return {
    kind: "identities",
    identities: [
      {
        unwrapFileKey: (stanzas: Stanza[]) =>
          asked(() => passkey.unwrapFileKey(stanzas)),
      },
    ],
  };
}

async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asCarryoverError(error, "passkeyRefused", "the passkey was not used");
  }
}
