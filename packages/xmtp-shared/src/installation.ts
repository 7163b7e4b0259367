import type { InboxInstallation, Installation } from "@carryover/client";
import { parseInboxId, parseInstallationId } from "@carryover/protocol";
import { libraryCall } from "./library-call.js";
import type { SdkClient } from "./sdk-client.js";

/** How long the network may take to tell the inbox state. */
const usualFetchTimeoutMs = 30_000;

/**
 * This installation over a client of an XMTP SDK.
 *
 * @param client - registered
 * @param options.fetchTimeoutMs - how long the network may take to tell the inbox state; 30,000 unless told
 * @throws {ProtocolError} `invalidField` when the client's ids are of no known form
 */
export function createSdkInstallation(
  client: SdkClient,
  { fetchTimeoutMs = usualFetchTimeoutMs }: { fetchTimeoutMs?: number } = {},
): Installation {
  const inboxId = parseInboxId(client.inboxId ?? "");
  return {
    inboxId,
    installationId: parseInstallationId(client.installationId ?? ""),
    environment: client.env ?? "",
    libraryVersion: client.libxmtpVersion ?? "",
    sign: async (text) =>
      new Uint8Array(await client.signWithInstallationKey(text)),
    fetchInboxState: () =>
      libraryCall(
        "the inbox state could not be fetched from the network",
        async () => ({
          installations: inboxInstallations(
            await client.preferences.fetchInboxState(),
          ),
        }),
        { timeoutMs: fetchTimeoutMs },
      ),
  };
}

type SdkInboxState = Awaited<
  ReturnType<SdkClient["preferences"]["fetchInboxState"]>
>;

/** The installations of an inbox state that the SDK has fetched. */
export function inboxInstallations(
  state: SdkInboxState,
): readonly InboxInstallation[] {
  return state.installations.map(({ id, clientTimestampNs }) => ({
    installationId: parseInstallationId(id),
    ...(clientTimestampNs !== undefined &&
      clientTimestampNs > 0n && { createdAtNs: clientTimestampNs }),
  }));
}
