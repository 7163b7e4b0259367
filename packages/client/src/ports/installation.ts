import type { InboxId, InstallationId } from "@carryover/protocol";

/** This installation: who it is, its signature, and what the network says of its inbox. */
export interface Installation {
  readonly inboxId: InboxId;
  readonly installationId: InstallationId;
  /** The XMTP environment: `local`, `dev`, `production`, … */
  readonly environment: string;
  /** Of the XMTP library underneath; empty where it does not say. */
  readonly libraryVersion: string;
  /**
   * Signs a text with the installation's key (Ed25519ph).
   *
   * @returns 64 bytes
   */
  sign(text: string): Promise<Uint8Array>;
  /**
   * Reads the state of this inbox **from the network**, never from a cache: it alone tells who was revoked.
   *
   * @throws {CarryoverError} `networkUnavailable`
   */
  fetchInboxState(): Promise<InboxState>;
}

/** The installations that belong to the inbox now. Revoked ones are not in it. */
export interface InboxState {
  installations: readonly InboxInstallation[];
}

export interface InboxInstallation {
  installationId: InstallationId;
  /** When it says it was made, nanoseconds; absent where the network does not tell. */
  createdAtNs?: bigint;
}
