import type { Protection } from "../tasks/shared/file-access.js";

/** Plain words for how a file is protected. */
export function protectionWords(protection: Protection): string {
  switch (protection.kind) {
    case "passphrase":
      return "a passphrase";
    case "walletSignature":
      return "a signature of a wallet";
    case "passkey":
      return "a passkey";
    case "recipients":
      return protection.stanzaTypes.length === 1
        ? "an age identity"
        : `one of ${protection.stanzaTypes.length} age identities`;
  }
}
