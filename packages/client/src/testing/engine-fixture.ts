import { createPortablePorts } from "@carryover/backup-file";
import {
  type ChannelId,
  type MessageHistoryBackupRequest,
  parseRequestId,
  parseTypedPin,
  type PadlockMessagePayload,
  type VerificationPin,
} from "@carryover/protocol";
import { generateX25519Identity, identityToRecipient } from "age-encryption";
import type { Carryover, CarryoverEvent } from "../api.js";
import { createEngine } from "../engine.js";
import type { EngineContext } from "../engine-context.js";
import { parsePolicy, type Policy } from "../policy.js";
import type { BackupMessage } from "../ports/channels.js";
import { openStateRepository } from "../state/state-repository.js";
import {
  channelId,
  inboxId,
  other,
  type SampleInstallation,
  self,
  signedBy,
} from "./installations.js";
import { createMemoryChannels } from "./memory-channels.js";
import { createMemoryHistory } from "./memory-history.js";
import {
  createManualClock,
  createMemoryInstallation,
  createMemoryNetwork,
  hourNs,
  startNs,
} from "./memory-network.js";
import {
  createMemoryScratch,
  createMemoryStateStore,
  createMemoryStorage,
  storageOrigin,
} from "./memory-storage.js";

/** Everything around an engine, in memory, with one private channel. */
export function createPorts() {
  const network = createMemoryNetwork();
  const channels = createMemoryChannels(network);
  channels.conversations.set(channelId, {
    kind: "group",
    callId: "0".repeat(32),
    memberInboxIds: [inboxId],
    messages: [],
  });
  let random = 0;
  return {
    network,
    channels,
    installation: createMemoryInstallation(network),
    history: createMemoryHistory(network),
    storageProvider: createMemoryStorage(),
    scratch: createMemoryScratch(),
    stateStore: createMemoryStateStore(),
    clock: createManualClock(),
    randomBytes: (length: number) => {
      random += 1;
      return new Uint8Array(length).fill(random);
    },
    backupFile: createPortablePorts(),
  };
}

export type MemoryPorts = ReturnType<typeof createPorts>;

/** What the tests allow. */
export const testPolicy: Partial<Policy> = {
  allowedStorageOrigins: [storageOrigin],
};

/** The parts of an engine, for tests of a single one. */
export async function createContext(
  ports: MemoryPorts,
  options: Partial<Policy> = {},
): Promise<EngineContext & { events: CarryoverEvent[] }> {
  const { stateStore, ...shared } = ports;
  const events: CarryoverEvent[] = [];
  return {
    ...shared,
    policy: parsePolicy({ ...testPolicy, ...options }),
    state: await openStateRepository(stateStore),
    emit: (event) => events.push(event),
    events,
  };
}

/** A whole engine and what it tells. */
export async function startEngine(
  ports: MemoryPorts,
  options: Partial<Policy> = {},
): Promise<{ engine: Carryover; events: CarryoverEvent[] }> {
  const engine = await createEngine(ports, { ...testPolicy, ...options });
  const events: CarryoverEvent[] = [];
  engine.subscribe((event) => events.push(event));
  return { engine, events };
}

export const responseIdentity = await generateX25519Identity();

export function pin(digits: string): VerificationPin {
  const parsed = parseTypedPin(digits);
  if (parsed === undefined) throw new Error(`no PIN: ${digits}`);
  return parsed;
}

export const requestId = parseRequestId("request-0000000000000000");

/** A request from another installation that passes every check. */
export const goodRequest: MessageHistoryBackupRequest = {
  requestId,
  verificationPin: pin("0042"),
  uploadUrl: `${storageOrigin}/backups?ticket=good`,
  recipientInstallationId: self.installationId,
  responseRecipient: await identityToRecipient(responseIdentity),
  createdAtNs: startNs,
  expiresAtNs: startNs + 24n * hourNs,
  appName: "Example Chat",
  scope: { elements: ["messages", "consent"] },
  backupFileVersions: [1],
};

/** A request like the good one. */
export function requestPayload(
  change: Partial<MessageHistoryBackupRequest> = {},
): PadlockMessagePayload {
  return { kind: "request", request: { ...goodRequest, ...change } };
}

/** A message as it stands in a conversation; each has an id of its own. */
export function messageOf(
  content: Uint8Array,
  change: Partial<BackupMessage> = {},
): BackupMessage {
  messages += 1;
  return {
    conversationId: channelId,
    messageId: `message-${messages}`,
    senderInboxId: inboxId,
    sentAtNs: startNs,
    content,
    ...change,
  };
}

let messages = 0;

/** Puts a message of an installation into a conversation. */
export function deliver(
  { channels }: Pick<MemoryPorts, "channels">,
  payload: PadlockMessagePayload,
  {
    by = other,
    to = channelId,
    signedFor = to,
  }: { by?: SampleInstallation; to?: ChannelId; signedFor?: ChannelId } = {},
): BackupMessage {
  const message = messageOf(
    signedBy(by, payload, { inboxId, channelId: signedFor }),
    { conversationId: to },
  );
  channels.conversations.get(to)?.messages.push(message);
  return message;
}

/** Reasons of all messages that were ignored. */
export function ignoredReasons(events: readonly CarryoverEvent[]): string[] {
  return events.flatMap((event) =>
    event.kind === "messageIgnored" ? [event.reason] : [],
  );
}
