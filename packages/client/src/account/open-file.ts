import {
  type OpenBackupAccountFile,
  openBackupAccountFile,
} from "@carryover/account-file";
import { CarryoverError } from "../errors.js";
import type {
  KeyPackageFacts,
  OpenDormantInstallation,
} from "../ports/dormant-installations.js";
import type { LongCallOptions } from "../progress.js";
import type { AccountFlow } from "./account-flow.js";
import type { AccountFileAccess, AccountFileFacts } from "./api.js";
import {
  assertLibraryIsRecent,
  describeFile,
  examineHeader,
} from "./examine-file.js";
import type { AccountFileSummary } from "./file-summary.js";
import { compareLibraryVersions } from "./library-version.js";
import { sayingWhoRefused } from "./passkey-refusal.js";
import { resolveSecret } from "./wallet.js";

/** Opens the container: the header is authentic, the database still to be read. */
export async function openContainer(
  { accountFile: ports }: Pick<AccountFlow, "accountFile">,
  { file, secret }: AccountFileAccess,
  { signal, onProgress }: LongCallOptions = {},
): Promise<OpenBackupAccountFile> {
  const resolved = await resolveSecret(file, secret);
  return await sayingWhoRefused(async () =>
    openBackupAccountFile({
      file: await file.open(),
      secret: resolved,
      ports,
      ...(signal && { signal }),
      ...(onProgress && {
        onProgress: ({ fileBytes }) =>
          onProgress({ phase: "openingFile", bytes: fileBytes }),
      }),
    }),
  );
}

/** A file whose installation is open. */
export interface OpenAccountFile {
  container: OpenBackupAccountFile;
  dormant: OpenDormantInstallation;
  facts: AccountFileFacts;
  /** What the network holds now. */
  keyPackage: KeyPackageFacts | undefined;
}

export interface OpenAccountFileOptions
  extends LongCallOptions, AccountFileAccess {
  known?: AccountFileSummary | undefined;
  /** Of the installation that the file is to be brought into. */
  inboxId?: string;
  /** `nothing` unless told. */
  reach?: "nothing" | "backupChannels";
  /** Called when it is known which installation is going to be opened, and that it still counts. */
  onInstallation?: (installationId: string) => Promise<void>;
}

/**
 * XIP-31, "Restoring from a Backup Account File directly" 1 and 2: opens a file to read and makes a temporary installation
 * of it. Whoever calls this disposes of it.
 *
 * @throws {CarryoverError} what `examineHeader` and `DormantInstallations.open` throw, `accountFileFromOlderLibrary`
 * @throws {AccountFileError} for a file that does not open
 */
export async function openAccountFile(
  flow: AccountFlow,
  {
    known,
    inboxId,
    reach = "nothing",
    onInstallation,
    ...options
  }: OpenAccountFileOptions,
): Promise<OpenAccountFile> {
  const { signal, onProgress } = options;
  onProgress?.({ phase: "openingFile" });
  const container = await openContainer(flow, options, options);
  const { header, database } = container;
  try {
    await examineHeader(flow, header, inboxId === undefined ? {} : { inboxId });
    signal?.throwIfAborted();
    await onInstallation?.(header.installationId);
  } catch (error) {
    await database.cancel();
    throw error;
  }
  const dormant = await openDatabase(flow, container, reach);
  try {
    // Where the library did not say its version before: now it does.
    assertLibraryIsRecent(header, dormant.installation.libraryVersion);
    assertIsWhatTheHeaderSays(container, dormant);
    const keyPackage = await dormant.fetchKeyPackage();
    return {
      container,
      dormant,
      keyPackage,
      facts: describeFile(flow, header, keyPackage, known),
    };
  } catch (error) {
    await dormant.dispose();
    throw error;
  }
}

async function openDatabase(
  { dormantInstallations }: AccountFlow,
  { header, database, verified }: OpenBackupAccountFile,
  reach: "nothing" | "backupChannels",
): Promise<OpenDormantInstallation> {
  try {
    const dormant = await dormantInstallations.open(database, {
      account: header.account,
      reach,
    });
    // Every byte of the file was checked before the library saw the first one.
    verified();
    return dormant;
  } catch (error) {
    if (
      error instanceof CarryoverError &&
      error.code === "accountFileDatabaseRefused" &&
      compareLibraryVersions(
        header.producer.libxmtpVersion,
        dormantInstallations.libraryVersion,
      ) === "older"
    )
      throw new CarryoverError(
        "accountFileFromOlderLibrary",
        "the library does not open the database of an older version",
        { cause: error },
      );
    throw error;
  }
}

/** The header is a claim about the database: whoever wrote both may have lied. */
function assertIsWhatTheHeaderSays(
  { header }: OpenBackupAccountFile,
  { installation }: OpenDormantInstallation,
): void {
  if (
    installation.inboxId !== header.inboxId ||
    installation.installationId !== header.installationId
  )
    throw new CarryoverError(
      "accountFileDatabaseRefused",
      "the database is of another installation than the header says",
    );
}
