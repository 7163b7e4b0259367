import { type Carryover, CarryoverError } from "@carryover/client";
import { createCarryover } from "@carryover/xmtp-node";
import type { Client } from "@xmtp/node-sdk";
import { CliError } from "./cli-error.js";
import type { CommandContext } from "./context.js";
import {
  defaultPorts,
  isListening,
  parseUrl,
  readDevEndpoints,
  requireNetwork,
} from "./network/endpoints.js";
import { exists } from "./profile/private-file.js";
import {
  damagedProfile,
  databasePath,
  loadKeys,
  loadProfile,
  type Profile,
  recordsDirectory,
  saveProfile,
} from "./profile/profile-store.js";
import { loadWallet } from "./profile/wallet-store.js";
import { openClient } from "./xmtp/open-client.js";

/** Options of every command that opens a profile. */
export interface ProfileOptions {
  profile: string;
  networkUrl?: string;
  storageUrl?: string;
}

/** An open installation. */
export interface Session {
  readonly profile: Profile;
  readonly client: Client<unknown>;
  /** Absent for a public network. */
  readonly networkUrl?: string;
  /** Base URL of the storage service that it asks with. */
  readonly storageUrl: string;
  /** Starts the engine on first use. */
  carryover(): Promise<Carryover>;
  close(): Promise<void>;
}

/** Where a profile's network and storage are. */
export interface Places {
  /** Absent for a public XMTP network: the SDK knows it. */
  networkUrl?: string;
  storageUrl: string;
}

/** Options first, then the environment, then what `carryover dev` said last, then the default ports. */
export async function findPlaces(
  context: CommandContext,
  profile: Pick<Profile, "environment">,
  options: Pick<ProfileOptions, "networkUrl" | "storageUrl">,
): Promise<Places> {
  const dev =
    profile.environment === "local"
      ? await readDevEndpoints(context.home)
      : undefined;
  const networkUrl =
    options.networkUrl ??
    dev?.networkUrl ??
    `http://localhost:${defaultPorts.grpc}`;
  const storageUrl =
    options.storageUrl ??
    dev?.storageUrl ??
    `http://localhost:${defaultPorts.storage}`;
  return {
    ...(profile.environment === "local"
      ? { networkUrl: parseUrl("--network-url", networkUrl) }
      : {}),
    storageUrl: parseUrl("--storage-url", storageUrl),
  };
}

/**
 * Opens a profile, runs the work and closes it on every path.
 *
 * @throws {CliError} `profileMissing`, `walletMissing`, `networkNotReachable`, …
 */
export async function withSession<Result>(
  context: CommandContext,
  options: ProfileOptions,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  const profile = await loadProfile(context.home, options.profile);
  if (profile.installationId === undefined)
    throw new CliError(
      "profileMissing",
      `profile ${profile.name} was never registered`,
      `Nothing was changed. Finish it with: carryover init --profile ${profile.name} --wallet ${profile.wallet}`,
    );
  const session = await openSession(context, profile, options);
  try {
    return await work(session);
  } catch (error) {
    throw await explainLostNetwork(error, session.networkUrl);
  } finally {
    await session.close();
  }
}

/** The SDK's own errors do not say that the network went away in the middle: a look does. */
async function explainLostNetwork(
  error: unknown,
  networkUrl: string | undefined,
): Promise<unknown> {
  if (
    error instanceof CliError ||
    error instanceof CarryoverError ||
    networkUrl === undefined ||
    (await isListening(networkUrl))
  )
    return error;
  return new CliError(
    "networkNotReachable",
    "the XMTP network stopped answering",
    'What was done until then is kept. Start the local one with "carryover dev" in another terminal, then run this again.',
    { cause: error },
  );
}

/** Opens a profile; registers its installation when it is new. The caller closes it. */
export async function openSession(
  context: CommandContext,
  profile: Profile,
  options: Pick<ProfileOptions, "networkUrl" | "storageUrl">,
): Promise<Session> {
  const places = await findPlaces(context, profile, options);
  const wallet = await loadWallet(context.home, profile.wallet);
  const keys = await loadKeys(profile);
  // Without it the SDK would register one installation more, and a profile would be another one than it says.
  if (
    profile.installationId !== undefined &&
    !(await exists(databasePath(profile)))
  )
    throw damagedProfile(profile.name);
  if (places.networkUrl !== undefined) await requireNetwork(places.networkUrl);
  context.signal.throwIfAborted();
  const client = await openClient({
    wallet,
    environment: profile.environment,
    ...(places.networkUrl === undefined
      ? {}
      : { networkUrl: places.networkUrl }),
    databasePath: databasePath(profile),
    databaseKey: keys.databaseKey,
  }).catch((error: unknown) => {
    throw isUnreadableDatabase(error)
      ? damagedProfile(profile.name, { cause: error })
      : error;
  });
  let engine: Promise<Carryover> | undefined;
  return {
    profile,
    client,
    ...places,
    carryover: () =>
      (engine ??= createCarryover(client, {
        directory: recordsDirectory(profile),
        encryptionKey: keys.recordsKey,
        allowedStorageOrigins: [
          new URL(places.storageUrl).origin,
          ...profile.allowedStorageOrigins,
        ],
        pinMode: profile.pinMode,
      })),
    async close() {
      try {
        await (await engine?.catch(() => undefined))?.close();
      } finally {
        await client.close();
      }
    },
  };
}

/** What the encrypted database under the SDK says of another key, another salt, or bytes that are none of its own. */
const isUnreadableDatabase = (error: unknown) =>
  error instanceof Error &&
  /PRAGMA key or salt|not a database|database disk image is malformed/i.test(
    error.message,
  );

/** Stores who a profile became. */
export async function rememberInstallation(session: Session): Promise<Profile> {
  const profile: Profile = {
    ...session.profile,
    inboxId: session.client.inboxId,
    installationId: session.client.installationId,
  };
  await saveProfile(profile);
  return profile;
}

/** Names for the inboxes of this home's profiles: their wallets'. */
export function namesOf(
  profiles: readonly Profile[],
): (inboxId: string) => string | undefined {
  const names = new Map<string, string>();
  for (const { inboxId, wallet } of profiles)
    if (inboxId !== undefined) names.set(inboxId, wallet);
  return (inboxId) => names.get(inboxId);
}
