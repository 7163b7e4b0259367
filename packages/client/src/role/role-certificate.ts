import {
  type ChannelId,
  type InstallationId,
  parseChannelId,
} from "@carryover/protocol";
import { signPayload } from "../channel/send-payload.js";
import type { Clock } from "../ports/clock.js";
import type { Installation } from "../ports/installation.js";

/**
 * An installation's own signature under "I am a backup". Nobody else can make one, and whoever has it can show it to
 * others, also when the message that it came in is long gone.
 */
export interface RoleCertificate {
  installationId: InstallationId;
  /** What the envelope was signed for. */
  channelId: ChannelId;
  envelope: Uint8Array;
}

/** What a certificate is signed for that was never in a channel: the first half of the installation's id. */
export const nominalChannelOf = (installationId: InstallationId): ChannelId =>
  parseChannelId(installationId.slice(0, 32));

/** Lets an installation that is open here sign that it is a backup. Nothing is sent. */
export async function signRoleCertificate(
  { clock }: { clock: Clock },
  { installation }: { installation: Installation },
): Promise<RoleCertificate> {
  const { installationId } = installation;
  const channelId = nominalChannelOf(installationId);
  return {
    installationId,
    channelId,
    envelope: await signPayload({ installation }, channelId, {
      kind: "contactBundle",
      contactRole: "backup",
      createdAtNs: clock.nowNs(),
    }),
  };
}
