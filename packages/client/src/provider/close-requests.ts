import type { InstallationId } from "@carryover/protocol";
import type { EngineContext } from "../engine-context.js";
import { carryOutInboundEffects } from "./carry-out-effects.js";
import { moveInbound, outstanding } from "./inbound-records.js";

/** Closes what an installation asked for that turned out to be a backup: a person is not to say yes to it by mistake. */
export async function closeRequestsOf(
  context: EngineContext,
  installationId: InstallationId,
): Promise<void> {
  for (const { requestId, senderInstallationId } of outstanding(
    context.state.current(),
  )) {
    if (senderInstallationId !== installationId) continue;
    await moveInbound(context, requestId, "senderRefused", {
      failure: "requesterIsBackup",
    });
    await carryOutInboundEffects(context, requestId);
  }
}
