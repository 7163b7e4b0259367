import type { AccountIdentifier } from "@carryover/account-file";
import type { InboxId, InstallationId } from "@carryover/protocol";
import type { Channels } from "./channels.js";
import type { History } from "./history.js";
import type { InboxInstallation, Installation } from "./installation.js";

/**
 * Installations that live in Backup Account Files: made, opened for a while, and revoked. An implementation keeps their
 * databases in private temporary places alone, and deletes at its next start what a crash left there.
 */
export interface DormantInstallations {
  /** The XMTP environment that these are on: `local`, `dev`, `production`, … */
  readonly environment: string;
  /** Of the XMTP library underneath; empty where it does not say before something is open. */
  readonly libraryVersion: string;

  /**
   * Reads **from the network** who belongs to an inbox and how much of its budget is used.
   *
   * @throws {CarryoverError} `networkUnavailable`
   */
  fetchAccount(inboxId: InboxId): Promise<AccountState>;

  /**
   * Reads **from the network** which inbox a wallet belongs to.
   *
   * @returns `undefined` for a wallet that belongs to none
   * @throws {CarryoverError} `networkUnavailable`
   */
  findInbox(
    signer: Pick<AccountSigner, "getIdentifier">,
  ): Promise<InboxId | undefined>;

  /**
   * Makes a new installation of the inbox on this machine. Nobody else knows of it before `register`.
   *
   * @param signer - asked who it is, and for a signature by `register` alone
   * @throws {CarryoverError} `walletOfAnotherAccount`, `networkUnavailable`, `diskError`
   */
  make(signer: AccountSigner, inboxId: InboxId): Promise<NewInstallation>;

  /**
   * Opens a copy of an installation. The stream is read to its end first.
   *
   * @param database - as `close` gave it
   * @param options.reach - what it can do to the network; the library's renewal of key packages is off
   * @throws {CarryoverError} `networkUnavailable`, `accountFileDatabaseRefused`, `diskError`, and what the stream fails with
   */
  open(
    database: ReadableStream<Uint8Array>,
    options: {
      account: AccountIdentifier;
      reach: Extract<DormantReach, "nothing" | "backupChannels">;
    },
  ): Promise<OpenDormantInstallation>;

  /**
   * An empty installation of the account that is never registered: a place to import into, and to throw away.
   *
   * @throws {CarryoverError} `networkUnavailable`, `diskError`
   */
  openThrowAway(account: AccountIdentifier): Promise<OpenDormantInstallation>;

  /**
   * Takes installations out of an inbox, for ever, with one signature of the wallet.
   *
   * @throws {CarryoverError} `walletRefused`, `networkUnavailable`
   */
  revoke(
    signer: AccountSigner,
    inboxId: InboxId,
    installationIds: readonly InstallationId[],
  ): Promise<void>;
}

/**
 * What an open installation can do to the network. Whatever it sends into a conversation makes other copies of it useless
 * there: they stay behind, or go another way, and never notice. The library adds installations to conversations by itself
 * while it fetches messages, so an implementation must put a wall before the network.
 *
 * - `nothing`: it reads.
 * - `backupChannels`: it also sends into groups that are marked as backup channels and hold its own inbox alone.
 * - `keyPackage`: it reads, and may renew its key package.
 * - `everything`
 */
export type DormantReach =
  "nothing" | "backupChannels" | "keyPackage" | "everything";

/** One that is made, and not registered yet. */
export interface NewInstallation extends OpenDormantInstallation {
  readonly account: AccountIdentifier;
  /**
   * Registers it with one signature of the wallet.
   *
   * @throws {CarryoverError} `walletRefused`, `networkUnavailable`: then it may be registered or not
   */
  register(): Promise<void>;
}

/** One that is open, as an app's own installation would be. */
export interface OpenDormantInstallation {
  readonly installation: Installation;
  readonly channels: Channels;
  readonly history: History;
  /**
   * What the network holds for adding this installation to new conversations.
   *
   * @returns `undefined` when there is none
   * @throws {CarryoverError} `networkUnavailable`
   */
  fetchKeyPackage(): Promise<KeyPackageFacts | undefined>;
  /**
   * Opens the same database again with the library's renewal of key packages on. Nothing else works on this object
   * afterwards. Older copies of it may be of less use from then on: save it.
   *
   * @throws {CarryoverError} `networkUnavailable`, `accountFileDatabaseRefused`
   */
  reopen(
    reach: Extract<DormantReach, "keyPackage" | "everything">,
  ): Promise<OpenDormantInstallation>;
  /**
   * Closes the installation: nothing but `dispose` works on it afterwards.
   *
   * @returns its database, unencrypted, from the first byte at each call
   * @throws {CarryoverError} `diskError`
   */
  close(): Promise<{ readDatabase: () => Promise<ReadableStream<Uint8Array>> }>;
  /** Closes it if need be, and deletes everything of it here. Called on every path; can be called again. */
  dispose(): Promise<void>;
}

/** A key package, as the network holds it. */
export interface KeyPackageFacts {
  /** Nanoseconds since 1970, to the second. */
  createdAtNs: bigint;
  /** From then on nobody adds the installation to a conversation. Nanoseconds since 1970, to the second. */
  expiresAtNs: bigint;
}

/** An inbox, as the network knows it. */
export interface AccountState {
  installations: readonly InboxInstallation[];
  /** Identity updates so far. They are never given back. */
  identityUpdatesUsed: number;
}

/** The wallet of the account. Has the form of the XMTP SDK's own `Signer`, for Node and browsers. */
export type AccountSigner = {
  getIdentifier: () =>
    | { identifier: string; identifierKind: number }
    | Promise<{ identifier: string; identifierKind: number }>;
  /** EIP-191 over the text. */
  signMessage: (message: string) => Uint8Array | Promise<Uint8Array>;
} & (
  | { type: "EOA" }
  | {
      type: "SCW";
      getBlockNumber?: () => bigint;
      getChainId: () => bigint;
    }
);
