import type { InboxState, Installation } from "@carryover/client";
import { parseInboxId, parseInstallationId } from "@carryover/protocol";
import { libraryCall } from "./library-call.js";
import type { XmtpClient } from "./sdk-values.js";

/** How long the network may take to tell the inbox state. */
const usualFetchTimeoutMs = 30_000;

/**
 * This installation over the official client.
 *
 * @param client - registered
 * @param options.fetchTimeoutMs - how long the network may take to tell the inbox state; 30,000 unless told
 * @throws {ProtocolError} `invalidField` when the client's ids are of no known form
 */
export function createInstallation(
  client: XmtpClient,
  { fetchTimeoutMs = usualFetchTimeoutMs }: { fetchTimeoutMs?: number } = {},
): Installation {
  const inboxId = parseInboxId(client.inboxId);
  return {
    inboxId,
    installationId: parseInstallationId(client.installationId),
    environment: client.env,
    libraryVersion: client.libxmtpVersion ?? "",
    sign: async (text) => new Uint8Array(client.signWithInstallationKey(text)),
    fetchInboxState: () =>
      libraryCall(
        "the inbox state could not be fetched from the network",
        async () => asInboxState(await client.preferences.fetchInboxState()),
        { timeoutMs: fetchTimeoutMs },
      ),
  };
}

function asInboxState(
  state: Awaited<ReturnType<XmtpClient["preferences"]["fetchInboxState"]>>,
): InboxState {
  return {
    installations: state.installations.map(({ id, clientTimestampNs }) => ({
      installationId: parseInstallationId(id),
      ...(clientTimestampNs !== undefined &&
        clientTimestampNs > 0n && { createdAtNs: clientTimestampNs }),
    })),
  };
}
