import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { CliError } from "../cli-error.js";
import { hint } from "../terminal/hint.js";
import type { Home } from "./home.js";
import {
  exists,
  makePrivateDirectory,
  readPrivateFile,
  writePrivateFile,
} from "./private-file.js";
import { entriesOf } from "./wallet-store.js";

/** The XMTP network that a profile lives on. */
export type Environment = "local" | "dev" | "production";

/** Whether a person compares the PIN or types it. */
export type PinMode = "show" | "enter";

/** One installation on this machine: what an app would keep on one phone. */
export interface Profile {
  readonly name: string;
  readonly directory: string;
  readonly environment: Environment;
  /** Name of the wallet that it belongs to. */
  readonly wallet: string;
  readonly pinMode: PinMode;
  /** What it calls itself to the person who is asked. */
  readonly appName: string;
  /** Storage services that it uploads to, beside the one that it asks with. */
  readonly allowedStorageOrigins: readonly string[];
  /** Known once it is registered. */
  readonly inboxId?: string;
  readonly installationId?: string;
}

/** The keys of a profile: 32 bytes each, in 0600 files of their own. */
export interface ProfileKeys {
  /** Of the SDK's database. */
  readonly databaseKey: Uint8Array;
  /** Of Carryover's own records. */
  readonly recordsKey: Uint8Array;
}

const recordFile = "profile.json";
const keyFiles = { databaseKey: "database.key", recordsKey: "records.key" };

/** Where the SDK's database of a profile is. */
export const databasePath = (profile: Pick<Profile, "directory">): string =>
  join(profile.directory, "xmtp.db3");

/** Where Carryover's own records of a profile are. */
export const recordsDirectory = (profile: Profile): string =>
  join(profile.directory, "carryover");

/**
 * Makes a profile with fresh keys. It is no installation before it was opened once.
 *
 * @throws {CliError} `profileExists`, `profileUnreadable` where its record is lost
 */
export async function createProfile(
  home: Home,
  settings: Omit<Profile, "directory" | "inboxId" | "installationId">,
): Promise<Profile> {
  const directory = home.profileDirectory(settings.name);
  if (await exists(join(directory, recordFile)))
    throw new CliError(
      "profileExists",
      `there is a profile named ${settings.name}`,
      "It was left as it is. Use it, or choose another name.",
    );
  // A database comes after its record. Where the record is lost, the keys that are there are the last way into it.
  if (await exists(databasePath({ directory })))
    throw damagedProfile(settings.name);
  await makePrivateDirectory(directory);
  for (const file of Object.values(keyFiles)) {
    // A key without a record is what an interrupted `init` left: it has encrypted nothing that counts.
    await writePrivateFile(
      join(directory, file),
      `${randomBytes(32).toString("hex")}\n`,
      "replace",
    );
  }
  const profile: Profile = { ...settings, directory };
  await saveProfile(profile);
  return profile;
}

/** Stores what is known of a profile. */
export async function saveProfile({
  directory,
  environment,
  wallet,
  pinMode,
  appName,
  allowedStorageOrigins,
  inboxId,
  installationId,
}: Profile): Promise<void> {
  const record = {
    version: 1,
    environment,
    wallet,
    pinMode,
    appName,
    allowedStorageOrigins,
    inboxId,
    installationId,
  };
  await writePrivateFile(
    join(directory, recordFile),
    `${JSON.stringify(record, undefined, 2)}\n`,
    "replace",
  );
}

/** @throws {CliError} `profileMissing`, `profileUnreadable`, `notPrivate` */
export async function loadProfile(home: Home, name: string): Promise<Profile> {
  const directory = home.profileDirectory(name);
  const text = await readPrivateFile(join(directory, recordFile));
  if (text === undefined)
    throw new CliError(
      "profileMissing",
      `there is no profile named ${name}`,
      `Nothing was changed. See the ones there are with "${hint("profiles")}", or make it with: ${hint(`init --profile ${name} --wallet NAME`)}`,
    );
  const profile = parseProfile(name, directory, text);
  if (profile === undefined) throw damagedProfile(name);
  return profile;
}

/** Reads a profile's keys. @throws {CliError} `profileUnreadable`, `notPrivate` */
export async function loadKeys(profile: Profile): Promise<ProfileKeys> {
  const load = async (file: string) => {
    const text = (
      (await readPrivateFile(join(profile.directory, file))) ?? ""
    ).trim();
    if (!/^[0-9a-f]{64}$/.test(text)) throw damagedProfile(profile.name);
    return Uint8Array.from(Buffer.from(text, "hex"));
  };
  return {
    databaseKey: await load(keyFiles.databaseKey),
    recordsKey: await load(keyFiles.recordsKey),
  };
}

/** All profiles, by name. Damaged ones are left out. */
export async function listProfiles(home: Home): Promise<Profile[]> {
  const profiles: Profile[] = [];
  for (const name of (await entriesOf(home.profilesDirectory)).sort()) {
    const directory = home.profileDirectory(name);
    const text = await readPrivateFile(join(directory, recordFile));
    const profile =
      text === undefined ? undefined : parseProfile(name, directory, text);
    if (profile !== undefined) profiles.push(profile);
  }
  return profiles;
}

/** What is said where a profile's files do not fit together any more. */
export const damagedProfile = (name: string, options?: ErrorOptions) =>
  new CliError(
    "profileUnreadable",
    `the files of profile ${name} are damaged`,
    "Nothing was changed. Put them back from a copy, or make a profile of another name and ask for the history.",
    options,
  );

function parseProfile(
  name: string,
  directory: string,
  text: string,
): Profile | undefined {
  let record: Record<string, unknown>;
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) return undefined;
    record = { ...parsed };
  } catch {
    return undefined;
  }
  const { environment, wallet, pinMode, appName, allowedStorageOrigins } =
    record;
  const { inboxId, installationId } = record;
  if (
    record["version"] !== 1 ||
    (environment !== "local" &&
      environment !== "dev" &&
      environment !== "production") ||
    typeof wallet !== "string" ||
    (pinMode !== "show" && pinMode !== "enter") ||
    typeof appName !== "string" ||
    !Array.isArray(allowedStorageOrigins) ||
    !allowedStorageOrigins.every((origin) => typeof origin === "string")
  )
    return undefined;
  return {
    name,
    directory,
    environment,
    wallet,
    pinMode,
    appName,
    allowedStorageOrigins,
    ...(typeof inboxId === "string" ? { inboxId } : {}),
    ...(typeof installationId === "string" ? { installationId } : {}),
  };
}
