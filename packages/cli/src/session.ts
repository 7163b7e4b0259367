import { type Carryover, CarryoverError } from "@carryover/client";
import { createCarryover } from "@carryover/xmtp-node";
import { ApiUrls, type Client } from "@xmtp/node-sdk";
import { CliError } from "./cli-error.js";
import type { CommandContext } from "./context.js";
import { standInForNetwork } from "./network/absent-network.js";
import {
  defaultPorts,
  isListening,
  networkAbsent,
  parseUrl,
  readDevEndpoints,
} from "./network/endpoints.js";
import { untilAborted } from "./network/until-aborted.js";
import type { Output } from "./output.js";
import { assertRoomFor, exists } from "./profile/private-file.js";
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
import { hint } from "./terminal/hint.js";
import {
  openClient,
  type OpenClientOptions,
  openClientToRead,
} from "./xmtp/open-client.js";
import { everyConsent } from "./xmtp/sdk-values.js";

/** Options of every command that opens a profile. */
export interface ProfileOptions {
  profile: string;
  networkUrl?: string;
  storageUrl?: string;
}

/** Whether a command cannot do without the network, or shows what is on the device where there is none. */
export type NetworkNeed = "needed" | "ifThere";

/** An open installation. */
export interface Session {
  readonly profile: Profile;
  readonly client: Client<unknown>;
  /** `unreachable` only for commands that can do without it: then nothing can be fetched or sent. */
  readonly network: "reachable" | "unreachable";
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
 * @param need - whether the work is done without a network as well
 * @throws {CliError} `profileMissing`, `walletMissing`, `networkNotReachable`, …
 */
export async function withSession<Result>(
  context: CommandContext,
  options: ProfileOptions,
  work: (session: Session) => Promise<Result>,
  need: NetworkNeed = "needed",
): Promise<Result> {
  const profile = await loadProfile(context.home, options.profile);
  if (profile.installationId === undefined)
    throw new CliError(
      "profileMissing",
      `profile ${profile.name} was never registered`,
      `Nothing was changed. Finish it with: ${hint(`init --profile ${profile.name} --wallet ${profile.wallet}`)}`,
    );
  const session = await openSession(context, profile, options, need);
  try {
    return await work(session);
  } catch (error) {
    throw session.network === "unreachable"
      ? error
      : await explainLostNetwork(error, session.networkUrl);
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
    `What was done until then is kept. Start the local one with "${hint("dev")}" in another terminal, then run this again.`,
    { cause: error },
  );
}

/** How long opening may take, milliseconds: the library itself waits for ever on a network that stays silent. */
const openTimeoutMs: Record<NetworkNeed, number> = {
  needed: 60_000,
  ifThere: 5_000,
};

/** How long fetching what is new may take, milliseconds. */
const fetchTimeoutMs = 120_000;

/** Opens a profile; registers its installation when it is new. The caller closes it. */
export async function openSession(
  context: CommandContext,
  profile: Profile,
  options: Pick<ProfileOptions, "networkUrl" | "storageUrl">,
  need: NetworkNeed = "needed",
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
  const { client, network, closeNetwork } = await openAtHand(
    {
      wallet,
      environment: profile.environment,
      ...(places.networkUrl === undefined
        ? {}
        : { networkUrl: places.networkUrl }),
      databasePath: databasePath(profile),
      databaseKey: keys.databaseKey,
    },
    { profile, need, signal: context.signal },
  ).catch(async (error: unknown) => {
    if (!isUnreadableDatabase(error)) throw error;
    // The library says the same where it is only its log that finds no room.
    await assertRoomFor(profile.directory);
    throw damagedProfile(profile.name, { cause: error });
  });
  let engine: Promise<Carryover> | undefined;
  return {
    profile,
    client,
    network,
    ...places,
    carryover: () =>
      (engine ??= createCarryover(client, {
        directory: recordsDirectory(profile),
        // What commands without a profile do with the same file is kept apart.
        accountFileDirectory: context.home.workDirectory,
        encryptionKey: keys.recordsKey,
        allowedStorageOrigins: [
          new URL(places.storageUrl).origin,
          ...profile.allowedStorageOrigins,
        ],
        pinMode: profile.pinMode,
      }).catch((error: unknown) => {
        throw explainLocked(error, profile.name);
      })),
    async close() {
      try {
        await (await engine?.catch(() => undefined))?.close();
      } finally {
        await client.close();
        await closeNetwork();
      }
    },
  };
}

/** Records have one user at a time: here that is another command, which a person finds by the profile. */
const explainLocked = (error: unknown, profile: string): unknown =>
  error instanceof CarryoverError && error.code === "stateLocked"
    ? new CliError(
        "stateLocked",
        `another carryover command works with ${profile}`,
        "Nothing was changed. Wait until that one has ended, or stop it with Ctrl-C in its terminal; then run this again.",
        { cause: error },
      )
    : error;

interface AtHand {
  client: Client<unknown>;
  network: Session["network"];
  closeNetwork: () => Promise<void>;
}

/** Opens a client on the network, or without it where that will do and it does not answer. */
async function openAtHand(
  options: OpenClientOptions,
  {
    profile,
    need,
    signal,
  }: { profile: Profile; need: NetworkNeed; signal: AbortSignal },
): Promise<AtHand> {
  const url = options.networkUrl ?? ApiUrls[options.environment];
  const place = options.networkUrl === undefined ? "public" : "here";
  if (await isListening(url)) {
    signal.throwIfAborted();
    const client = await within(
      openTimeoutMs[need],
      signal,
      openClient(options),
    ).catch(async (error: unknown) => {
      if (signal.aborted || (await isListening(url))) throw error;
      return "late" as const;
    });
    if (client !== "late")
      return {
        client,
        network: "reachable",
        closeNetwork: async () => undefined,
      };
  }
  const { inboxId } = profile;
  if (need === "needed" || inboxId === undefined)
    throw networkAbsent(url, place);
  signal.throwIfAborted();
  const absent = await standInForNetwork({
    identifier: options.wallet.address.toLowerCase(),
    kind: "ethereum",
    inboxId,
  });
  try {
    const client = await openClientToRead({
      ...options,
      networkUrl: absent.url,
    });
    return {
      client,
      network: "unreachable",
      closeNetwork: () => absent.close(),
    };
  } catch (error) {
    await absent.close();
    throw error;
  }
}

/** What comes of it in time and unless it is stopped. The work itself cannot be stopped, and goes on. */
async function within<Result>(
  timeoutMs: number,
  signal: AbortSignal,
  work: Promise<Result>,
): Promise<Result | "late"> {
  const stopped = new AbortController();
  const stop = () => {
    stopped.abort();
  };
  const timer = setTimeout(stop, timeoutMs);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([
      work,
      untilAborted(stopped.signal).then(() => {
        signal.throwIfAborted();
        return "late" as const;
      }),
    ]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stop);
  }
}

/** Fetches what is new, where there is a network. Says whether there was, also to the person. */
export async function fetchNews(
  { output, signal }: CommandContext,
  { client, network, networkUrl }: Session,
): Promise<Session["network"]> {
  if (network === "reachable")
    try {
      const synced = await within(
        fetchTimeoutMs,
        signal,
        client.conversations.syncAll(everyConsent),
      );
      if (synced !== "late") return "reachable";
    } catch (error) {
      if (
        signal.aborted ||
        networkUrl === undefined ||
        (await isListening(networkUrl))
      )
        throw error;
    }
  sayUnreachable(output);
  return "unreachable";
}

/** Before what is shown without a look at the network. */
export function sayUnreachable(output: Output): void {
  output.note(
    "The XMTP network does not answer: this is what the device itself holds.",
  );
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
