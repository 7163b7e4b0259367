import type { InstallationId } from "@carryover/protocol";
import type { EngineContext } from "../engine-context.js";
import type { InboxInstallation } from "../ports/installation.js";

/**
 * XIP-31, "Flow for Message Backup Providers" 2 and 3: reads the inbox state from the network and looks the installation
 * up. A revoked installation is not in it, and nothing but this read tells.
 *
 * @throws {CarryoverError} `networkUnavailable`: if the network cannot be read, the answer is no
 */
export async function findInInbox(
  { installation }: Pick<EngineContext, "installation">,
  installationId: InstallationId,
): Promise<InboxInstallation | undefined> {
  const { installations } = await installation.fetchInboxState();
  return installations.find(
    (candidate) => candidate.installationId === installationId,
  );
}
