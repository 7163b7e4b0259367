import type { AccountState, KeyPackageFacts } from "@carryover/client";
import {
  type InboxId,
  type InstallationId,
  parseInboxId,
} from "@carryover/protocol";
import { inboxInstallations, libraryCall, toHex } from "@carryover/xmtp-shared";
import { Client, type Identifier } from "@xmtp/browser-sdk";
import { systemRandomBytes } from "../clock.js";
import type { XmtpClient } from "../sdk-values.js";
import type { XmtpNetwork } from "./network-options.js";
import { quietOptions } from "./quiet-options.js";
import { startShielded } from "./shield/shielded-worker.js";

/** A client that is asked about others, and nothing else. */
export type Observer = Pick<
  XmtpClient,
  | "env"
  | "libxmtpVersion"
  | "preferences"
  | "fetchLatestInboxUpdatesCount"
  | "fetchInboxIdByIdentifier"
  | "fetchKeyPackageStatuses"
>;

const secondNs = 1_000_000_000n;

/**
 * A client of nobody, in memory, that can only read. To be closed.
 *
 * @throws {CarryoverError} `networkUnavailable`, `networkWallMissing`
 */
export async function openObserver(network: XmtpNetwork): Promise<XmtpClient> {
  const identifier = `0x${toHex(systemRandomBytes(20))}`;
  const { started } = await startShielded(
    () =>
      Client.build(
        { identifier, identifierKind: 0 },
        { ...network, ...quietOptions(), dbPath: null },
      ) as Promise<XmtpClient>,
    {
      reach: { kind: "walled", keyPackage: "refused", otherwise: "error" },
      what: "the network could not be reached",
      code: "networkUnavailable",
    },
  );
  return started;
}

/** @throws {CarryoverError} `networkUnavailable` */
export async function fetchAccount(
  observer: Observer,
  inboxId: InboxId,
): Promise<AccountState & { recoveryIdentifier: string }> {
  return await libraryCall(
    "the account could not be read from the network",
    async () => {
      const states = await observer.preferences.fetchInboxStates([inboxId]);
      const state = states.find((each) => each.inboxId === inboxId);
      const counts = await observer.fetchLatestInboxUpdatesCount([inboxId]);
      return {
        installations: inboxInstallations({
          installations: state?.installations ?? [],
        }),
        identityUpdatesUsed: Number(counts.get(inboxId) ?? 0),
        recoveryIdentifier: state?.recoveryIdentifier.identifier ?? "",
      };
    },
  );
}

/** @throws {CarryoverError} `networkUnavailable` */
export async function findInbox(
  observer: Observer,
  identifier: Identifier,
): Promise<InboxId | undefined> {
  const inboxId = await libraryCall(
    "the account could not be read from the network",
    () => observer.fetchInboxIdByIdentifier(identifier),
  );
  return inboxId === undefined ? undefined : parseInboxId(inboxId);
}

/** @throws {CarryoverError} `networkUnavailable` */
export async function fetchKeyPackage(
  observer: Observer,
  installationId: InstallationId,
): Promise<KeyPackageFacts | undefined> {
  const statuses = await libraryCall(
    "the key package could not be fetched",
    () => observer.fetchKeyPackageStatuses([installationId]),
  );
  const lifetime = statuses.get(installationId)?.lifetime;
  return (
    lifetime && {
      createdAtNs: lifetime.notBefore * secondNs,
      expiresAtNs: lifetime.notAfter * secondNs,
    }
  );
}
