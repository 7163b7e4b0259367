import type {
  AccountFileHeader,
  AccountFileProtection,
} from "@carryover/account-file";
import { CarryoverError } from "../errors.js";
import type {
  KeyPackageFacts,
  OpenDormantInstallation,
} from "../ports/dormant-installations.js";
import type { LongCallOptions } from "../progress.js";
import type { AccountFlow } from "./account-flow.js";
import type { RefreshBackupAccountFileOptions } from "./api.js";
import { headerFromNow } from "./header-of.js";
import { forgetRefresh, noteRefresh, noteRenewal } from "./refresh-journal.js";
import { writeAccountFile, type WrittenAccountFile } from "./write-file.js";

/**
 * Puts the installation as it is now in the place of the file that it came from.
 *
 * @param options.current - key package on the network, as `currentKeyPackage` gives it. Asked for unless given
 * @throws {CarryoverError} `accountFileNotReplaced` when it has keys that the older file has not
 */
export async function replaceFile(
  flow: AccountFlow,
  dormant: OpenDormantInstallation,
  options: Pick<LongCallOptions, "onProgress"> &
    Pick<RefreshBackupAccountFileOptions, "file"> & {
      header: AccountFileHeader;
      inStepAtNs: bigint;
      protection: AccountFileProtection;
      current?: KeyPackageFacts | "unknown";
    },
): Promise<WrittenAccountFile> {
  const { header, inStepAtNs } = options;
  const current = options.current ?? (await currentKeyPackage(dormant));
  const known = current === "unknown" ? undefined : current;
  if (known !== undefined) await noteRenewal(flow, header, known);
  const { account, createdAtNs, sequence, seededAtNs } = header;
  const newer = {
    ...headerFromNow(flow, dormant, inStepAtNs),
    account,
    createdAtNs,
    sequence: sequence + 1,
    keyPackageExpiresAtNs: known?.expiresAtNs ?? header.keyPackageExpiresAtNs,
    seededAtNs,
  };
  let written: WrittenAccountFile;
  try {
    written = await writeAccountFile(flow, dormant, {
      ...options,
      ifThere: "replace",
      header: newer,
    });
  } catch (error) {
    if (known?.expiresAtNs === header.keyPackageExpiresAtNs) throw error;
    throw new CarryoverError(
      "accountFileNotReplaced",
      "the renewed Backup Account File could not be written",
      { cause: error },
    );
  }
  // The newer file would be taken for an older copy, if the network turns out to have another key package.
  if (current === "unknown")
    await noteRefresh(flow, { ...header, sequence: newer.sequence });
  await forgetRefresh(flow, header);
  return written;
}

/** The key package on the network; `unknown` when that cannot be asked, which is no reason to throw keys away. */
export async function currentKeyPackage(
  dormant: OpenDormantInstallation,
): Promise<KeyPackageFacts | "unknown" | undefined> {
  try {
    return await dormant.fetchKeyPackage();
  } catch (error) {
    if (error instanceof CarryoverError) return "unknown";
    throw error;
  }
}
