import type { PadlockMessagePayload } from "./padlock-message-payload.js";

/** What a person reads in an app that knows nothing of XIP-31. No PIN, id or address: it is shown anywhere. */
export function fallbackText(kind: PadlockMessagePayload["kind"]): string {
  switch (kind) {
    case "request":
      return "One of your apps asks for a copy of your message history. To answer, open an app of yours that supports message history backups. If you did not ask for this, ignore it, and revoke installations that you do not know.";
    case "response":
      return "One of your apps answered a request for your message history. Nothing to do here: continue in the app that asked.";
    case "decline":
      return "A request for your message history was declined. Nothing to do here.";
    case "contactBundle":
      return "A backup of your account was made or updated. If it was not you, revoke installations that you do not know.";
    case "relayedContactBundle":
      return "One of your apps told the others which of your installations is a backup. Nothing to do here.";
  }
}
