import type { AccountFileSummary } from "@carryover/client";
import { join } from "node:path";
import { CliError } from "../cli-error.js";
import type { Home } from "./home.js";
import { readPrivateFile, writePrivateFile } from "./private-file.js";
import { listProfiles, type Profile } from "./profile-store.js";

/**
 * What a profile remembers of a Backup Account File that it made or restored from: no secret, and enough to warn in time
 * and to recognise older copies.
 */
export interface AccountFileNote {
  /** Where the file was last seen. */
  readonly path: string;
  /** The newest copy. */
  readonly summary: AccountFileSummary;
  readonly state: "inUse" | "revoked";
}

/** A note, and whose it is. */
export interface ProfileNote extends AccountFileNote {
  readonly profile: string;
}

const notesFile = "account-files.json";

/** @throws {CliError} `profileUnreadable`, `notPrivate` */
export async function loadNotes(
  profile: Pick<Profile, "name" | "directory">,
): Promise<AccountFileNote[]> {
  const path = join(profile.directory, notesFile);
  const text = await readPrivateFile(path);
  if (text === undefined) return [];
  const notes = parseNotes(text);
  if (notes !== undefined) return notes;
  throw new CliError(
    "profileUnreadable",
    `what profile ${profile.name} noted of its Backup Account Files is damaged`,
    `Nothing was changed, and the files themselves are not touched by it. Delete ${path}; the next command that opens a file notes it again.`,
  );
}

/** Notes of all profiles: what has to be refreshed first comes first, what was revoked last. */
export async function listNotes(home: Home): Promise<ProfileNote[]> {
  const notes: ProfileNote[] = [];
  for (const profile of await listProfiles(home))
    for (const note of await loadNotes(profile))
      notes.push({ ...note, profile: profile.name });
  return notes.sort((a, b) => refreshByMs(a) - refreshByMs(b));
}

const refreshByMs = ({ state, summary }: AccountFileNote) =>
  state === "revoked"
    ? Number.MAX_SAFE_INTEGER
    : Math.min(
        summary.keyPackageExpiresAtMs,
        summary.messagesKeptUntilMs ?? Number.MAX_SAFE_INTEGER,
      );

/** The newest that any profile knows of a file. */
export function newestNote(
  notes: readonly ProfileNote[],
  installationId: string,
): ProfileNote | undefined {
  return notes
    .filter((note) => note.summary.installationId === installationId)
    .sort((a, b) => b.summary.sequence - a.summary.sequence)[0];
}

/** Notes a file for a profile, in the place of an older note of it. */
export async function noteAccountFile(
  profile: Pick<Profile, "name" | "directory">,
  note: AccountFileNote,
): Promise<void> {
  const { installationId } = note.summary;
  const others = (await loadNotes(profile)).filter(
    ({ summary }) => summary.installationId !== installationId,
  );
  await writePrivateFile(
    join(profile.directory, notesFile),
    `${JSON.stringify({ version: 1, files: [...others, note] }, undefined, 2)}\n`,
    "replace",
  );
}

/** Changes the note of a file in every profile that has one. */
export async function updateNotes(
  home: Home,
  installationId: string,
  change: (note: AccountFileNote) => AccountFileNote,
): Promise<void> {
  for (const profile of await listProfiles(home)) {
    const note = (await loadNotes(profile)).find(
      ({ summary }) => summary.installationId === installationId,
    );
    if (note !== undefined) await noteAccountFile(profile, change(note));
  }
}

function parseNotes(text: string): AccountFileNote[] | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (!isRecord(parsed) || parsed["version"] !== 1) return undefined;
    const { files } = parsed;
    if (!Array.isArray(files)) return undefined;
    const notes = files.map(parseNote);
    return notes.every((note) => note !== undefined) ? notes : undefined;
  } catch {
    return undefined;
  }
}

function parseNote(value: unknown): AccountFileNote | undefined {
  if (!isRecord(value)) return undefined;
  const { path, state, summary } = value;
  if (
    typeof path !== "string" ||
    (state !== "inUse" && state !== "revoked") ||
    !isRecord(summary)
  )
    return undefined;
  const parsed = parseSummary(summary);
  return parsed && { path, state, summary: parsed };
}

function parseSummary(
  record: Record<string, unknown>,
): AccountFileSummary | undefined {
  const { environment, inboxId, installationId, sequence } = record;
  const { createdAtMs, refreshedAtMs, keyPackageExpiresAtMs } = record;
  const { messagesKeptUntilMs, seededAtMs } = record;
  if (
    typeof environment !== "string" ||
    typeof inboxId !== "string" ||
    typeof installationId !== "string" ||
    typeof sequence !== "number" ||
    typeof createdAtMs !== "number" ||
    typeof refreshedAtMs !== "number" ||
    typeof keyPackageExpiresAtMs !== "number"
  )
    return undefined;
  return {
    environment,
    inboxId,
    installationId,
    sequence,
    createdAtMs,
    refreshedAtMs,
    keyPackageExpiresAtMs,
    ...(typeof messagesKeptUntilMs === "number" ? { messagesKeptUntilMs } : {}),
    ...(typeof seededAtMs === "number" ? { seededAtMs } : {}),
  };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
