import { CarryoverError } from "@carryover/client";

/** What Carryover calls everything of its own in a browser, so that all of it can be found again. */
const prefix = "carryover";

/** The names of what belongs to one installation. */
export interface OwnNames {
  /** IndexedDB database. */
  readonly database: string;
  /** Web lock: who holds it owns the rest. */
  readonly lock: string;
  /** Below {@link filesDirectory}. */
  readonly directory: string;
}

/** In the origin private file system. */
export const filesDirectory = prefix;

/** Below {@link filesDirectory}: notes that outlive the page. Not of 64 hex digits: no installation's. */
export const notesDirectory = "notes";

/** Web lock: who makes or removes directories that others may need, too, and who reads or writes notes. */
export const filesLock = `${prefix}-files`;

/** Web lock: who holds it writes with the dormant installation of a Backup Account File. */
export const accountFileLockOf = (installationId: string): string =>
  `${prefix}-account-file-${parseInstallation(installationId)}`;

/**
 * @param installationId - 64 hex digits
 * @throws {CarryoverError} `invalidOption`
 */
export function namesOf(installationId: string): OwnNames {
  parseInstallation(installationId);
  return {
    database: `${prefix}-${installationId}`,
    lock: `${prefix}-${installationId}`,
    directory: installationId,
  };
}

/** The installation that a database belongs to; `undefined` for one that is none of ours. */
export function installationOfDatabase(name: string): string | undefined {
  const start = `${prefix}-`;
  const id = name.slice(start.length);
  return name.startsWith(start) && isInstallationId(id) ? id : undefined;
}

/** Whether this is what an installation's id looks like. */
export function isInstallationId(name: string): boolean {
  return /^[0-9a-f]{64}$/.test(name);
}

function parseInstallation(installationId: string): string {
  if (!isInstallationId(installationId))
    throw new CarryoverError("invalidOption", "not an installation id");
  return installationId;
}
