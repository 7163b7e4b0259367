import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { ChannelId, InboxId, InstallationId } from "./ids.js";

/** Where a message stands. A message moved to another inbox or channel has another signing text. */
export interface MessagePlace {
  inboxId: InboxId;
  channelId: ChannelId;
  senderInstallationId: InstallationId;
}

/**
 * The one text that an installation signs for a backup message. The first line separates it from everything else that
 * the same key signs.
 *
 * @param payload - the exact bytes of the `PadlockMessagePayload`
 */
export function signingText(place: MessagePlace, payload: Uint8Array): string {
  return [
    "XIP-31 message, version 1",
    `inbox: ${place.inboxId}`,
    `channel: ${place.channelId}`,
    `installation: ${place.senderInstallationId}`,
    `payload-sha256: ${bytesToHex(sha256(payload))}`,
  ].join("\n");
}
