import type { InstallationId } from "@carryover/protocol";
import type { EngineContext } from "../engine-context.js";
import type { RoleCertificate } from "./role-certificate.js";

/** Whether an installation is known to be a backup. Of such a one every message but a response is disregarded. */
export function isBackupInstallation(
  { state }: Pick<EngineContext, "state">,
  installationId: InstallationId,
): boolean {
  return state.current().backupInstallations.includes(installationId);
}

/**
 * Keeps in mind, for ever, that an installation is a backup, with its signature for those who do not know yet.
 *
 * @returns whether that was new
 */
export async function learnBackupRole(
  { state }: Pick<EngineContext, "state">,
  certificate: RoleCertificate,
): Promise<"new" | "known"> {
  const { installationId } = certificate;
  if (
    state
      .current()
      .roleCertificates.some((each) => each.installationId === installationId)
  )
    return "known";
  await state.update((draft) => {
    draft.roleCertificates.push(certificate);
    if (!draft.backupInstallations.includes(installationId))
      draft.backupInstallations.push(installationId);
  });
  return "new";
}
