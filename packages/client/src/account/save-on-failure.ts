import type {
  DormantReach,
  KeyPackageFacts,
  OpenDormantInstallation,
} from "../ports/dormant-installations.js";
import type { AccountFlow } from "./account-flow.js";
import type { RefreshBackupAccountFileOptions } from "./api.js";
import type { ReplaceableFile } from "./refresh-file.js";
import { currentKeyPackage, replaceFile } from "./replace-account-file.js";

/**
 * Does what has to be done before a newer file is written. When that fails or is stopped, the library may have renewed the key
 * package already, and only its database has the private half: what there is of it takes the place of the file then, with the
 * date of the older one, and nothing is missing from it that the next refresh cannot fetch.
 *
 * @param dormant - opened again, and let at the network
 * @throws what `work` throws; `CarryoverError` `accountFileNotReplaced`
 */
export async function orSaved<T>(
  flow: AccountFlow,
  dormant: OpenDormantInstallation,
  options: Pick<RefreshBackupAccountFileOptions, "file"> &
    Pick<ReplaceableFile, "header" | "keyPackage" | "protection"> & {
      reach: DormantReach;
    },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { file, header, protection, keyPackage: before, reach } = options;
    const current = await currentKeyPackage(dormant);
    if (reach === "everything" || !isTheSame(before, current))
      await replaceFile(flow, dormant, {
        file,
        header,
        protection,
        inStepAtNs: header.refreshedAtNs,
        ...(current && { current }),
      });
    throw error;
  }
}

const isTheSame = (
  before: KeyPackageFacts | undefined,
  current: KeyPackageFacts | "unknown" | undefined,
) => current !== "unknown" && current?.expiresAtNs === before?.expiresAtNs;
