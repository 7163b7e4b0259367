import { createAccountFiles } from "../account/account-files.js";
import type { AccountFlow } from "../account/account-flow.js";
import type {
  BackupAccountFiles,
  CreateBackupAccountFileOptions,
} from "../account/api.js";
import { createAccountFlow } from "../account/standalone.js";
import { createCallGate } from "../call-gate.js";
import type { EngineContext } from "../engine-context.js";
import type { Policy } from "../policy.js";
import type { ConversationInfo } from "../ports/history.js";
import { groupElement, messageElement } from "./backup-elements.js";
import {
  createContext,
  createPorts,
  type MemoryPorts,
} from "./engine-fixture.js";
import { inboxId, strangerInboxId } from "./installations.js";
import {
  createMemoryAccounts,
  createMemoryPlace,
  type MemoryAccounts,
  type MemoryPlace,
  quickScrypt,
  sampleSigner,
} from "./memory-accounts.js";
import { createMemoryJournal, type MemoryJournal } from "./memory-storage.js";

export const passphrase = "six random words would be better";

/** An account with one conversation of two messages, and everything for its files. */
export interface AccountWorld {
  ports: MemoryPorts;
  accounts: MemoryAccounts;
  journal: MemoryJournal;
  place: MemoryPlace;
  context: EngineContext;
  flow: AccountFlow;
  files: BackupAccountFiles;
  /** Makes the file. */
  create: (
    change?: Partial<CreateBackupAccountFileOptions>,
  ) => ReturnType<BackupAccountFiles["createBackupAccountFile"]>;
  /** The file and what opens it. */
  access: {
    file: MemoryPlace;
    secret: { kind: "passphrase"; passphrase: string };
  };
}

export const groupId = "ab".repeat(16);
export const newGroupId = "cd".repeat(16);

export const conversation = (
  conversationId: string,
  change: Partial<ConversationInfo> = {},
): ConversationInfo => ({
  conversationId,
  kind: "group",
  liveness: "live",
  consent: "allowed",
  isBackupChannel: false,
  ...change,
});

/** Messages `<first byte>…` in a conversation, as a history has them. */
export const elementsOf = (conversationId: string, ...seeds: number[]) => [
  groupElement(conversationId),
  ...seeds.map((seed) =>
    messageElement(
      conversationId,
      seed.toString(16).padStart(2, "0").repeat(32),
    ),
  ),
];

export async function createAccountWorld(
  policy: Partial<Policy> = {},
): Promise<AccountWorld> {
  const ports = createPorts();
  const { network, clock, history, channels } = ports;
  clock.wait = async (delayMs) => {
    clock.ns += BigInt(delayMs) * 1_000_000n;
  };
  channels.conversations.set(groupId, {
    kind: "group",
    callId: undefined,
    memberInboxIds: [inboxId, strangerInboxId],
    messages: [],
  });
  history.conversations = [conversation(groupId)];
  history.elements = elementsOf(groupId, 1, 2);
  const accounts = createMemoryAccounts(network, clock);
  const journal = createMemoryJournal();
  const place = createMemoryPlace();
  const context: EngineContext = {
    ...(await createContext(ports, policy)),
    accountFiles: {
      dormantInstallations: accounts,
      journal,
      scrypt: quickScrypt,
    },
  };
  const { backupFile, randomBytes, scratch } = ports;
  const flow = createAccountFlow(
    {
      dormantInstallations: accounts,
      accountFile: { ...backupFile, scrypt: quickScrypt },
      backupFile,
      scratch,
      journal,
      clock,
      randomBytes,
    },
    policy,
  );
  const files = createAccountFiles(context, createCallGate(), (work) => work());
  return {
    ports,
    accounts,
    journal,
    place,
    context,
    flow,
    files,
    create: (change = {}) =>
      files.createBackupAccountFile({
        file: place,
        signer: sampleSigner,
        protection: { kind: "passphrase", passphrase },
        ...change,
      }),
    access: { file: place, secret: { kind: "passphrase", passphrase } },
  };
}

/** The one error that some work must end with. */
export async function errorOf(
  work: Promise<unknown>,
): Promise<Error & { code: string; installationId?: string }> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof Error && "code" in error)
    return error as Error & { code: string };
  throw new Error("expected an error with a code", { cause: error });
}
