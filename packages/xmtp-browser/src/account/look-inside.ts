import {
  type AccountFileHeader,
  daysLeft,
  inspectBackupAccountFile,
} from "@carryover/account-file";
import {
  type AccountFilePlace,
  asCarryoverError,
  CarryoverError,
  type InspectedBackupAccountFile,
  type LongCallOptions,
  openContainer,
  type SecretChoice,
  summarize,
} from "@carryover/client";
import { createPortablePorts } from "@carryover/backup-file";
import {
  applicationMessage,
  isBackupChannel,
  libraryCall,
} from "@carryover/xmtp-shared";
import { Client } from "@xmtp/browser-sdk";
import { systemClock } from "../clock.js";
import type { XmtpClient } from "../sdk-values.js";
import { databaseName, filesOfDatabase } from "./database-files.js";
import { isEnvironmentKnown, type XmtpNetwork } from "./network-options.js";
import { quietOptions, renewalOff } from "./quiet-options.js";
import { readWhole } from "./read-parts.js";
import { startShielded } from "./shield/shielded-worker.js";

/** A conversation in a Backup Account File. */
export interface StoredConversation {
  conversationId: string;
  kind: "group" | "dm";
  /** What members chose to call a group; absent where they did not, and for a DM. */
  name?: string;
  messageCount: number;
}

/** Everything that can be known of a Backup Account File without asking anybody. */
export interface BackupAccountFileInside {
  file: InspectedBackupAccountFile &
    Required<Pick<InspectedBackupAccountFile, "contents">>;
  /**
   * The conversations that are in it already. What came since it was made, or refreshed, is on the network alone. An error
   * where the library does not open the database: the file itself is whole.
   */
  conversations: StoredConversation[] | CarryoverError;
}

/**
 * Opens a Backup Account File, checks every byte, and lists what is in its database. Nothing is sent and nobody is asked: the
 * library runs behind a wall that lets no call through, in memory.
 *
 * @throws {CarryoverError} `accountFileNotFound`, `diskError`, `walletRefused`, `networkWallMissing`
 * @throws {AccountFileError} for a file that is none, or does not open
 */
export async function lookInsideBackupAccountFile({
  file,
  secret,
  ...bound
}: LongCallOptions & {
  file: AccountFilePlace;
  secret: SecretChoice;
}): Promise<BackupAccountFileInside> {
  const { signal } = bound;
  const accountFile = createPortablePorts();
  const { protection } = await inspectBackupAccountFile({
    file: await file.open(),
    ...(signal && { signal }),
  });
  const container = await openContainer(
    { accountFile },
    { file, secret },
    bound,
  );
  const { header, unknownFields } = container;
  const database = await readWhole(container.database);
  const { sizeBytes } = container.verified();
  signal?.throwIfAborted();
  const conversations = await listInside(header, database);
  signal?.throwIfAborted();
  return {
    file: {
      sizeBytes,
      protection,
      contents: {
        header,
        summary: summarize(header),
        daysLeft: daysLeft(header, systemClock.nowNs()),
        unknownFields,
      },
    },
    conversations,
  };
}

async function listInside(
  header: AccountFileHeader,
  database: Uint8Array,
): Promise<StoredConversation[] | CarryoverError> {
  try {
    const client = await openAlone(header, database);
    try {
      return await libraryCall(
        "the conversations could not be listed",
        () => listStored(client),
        { code: "accountFileDatabaseRefused" },
      );
    } finally {
      client.close();
    }
  } catch (error) {
    const known = asCarryoverError(
      error,
      "accountFileDatabaseRefused",
      "the library does not open the database",
    );
    if (known.code === "networkWallMissing") throw known;
    return known;
  }
}

const ethereum = 0;
const passkey = 1;

/** With nobody but the file. */
async function openAlone(
  { account, environment, inboxId, installationId }: AccountFileHeader,
  database: Uint8Array,
): Promise<XmtpClient> {
  if (!isEnvironmentKnown(environment))
    throw new CarryoverError(
      "accountFileOfAnotherEnvironment",
      "the file is of a network that is not known here",
    );
  const network: XmtpNetwork = { env: environment };
  const { started: client } = await startShielded(
    () =>
      Client.build(
        {
          identifier: account.identifier,
          identifierKind: account.kind === "passkey" ? passkey : ethereum,
        },
        { ...network, ...quietOptions(), ...renewalOff, dbPath: databaseName },
      ) as Promise<XmtpClient>,
    {
      reach: {
        kind: "offline",
        account: {
          identifier: account.identifier,
          kind: account.kind === "passkey" ? "passkey" : "ethereum",
          inboxId,
        },
      },
      files: await filesOfDatabase(database),
      what: "the database could not be opened",
      code: "accountFileDatabaseRefused",
    },
  );
  if (client.inboxId === inboxId && client.installationId === installationId)
    return client;
  client.close();
  throw new CarryoverError(
    "accountFileDatabaseRefused",
    "the database is of another installation than the header says",
  );
}

/** Backup channels are no conversations of a person's. */
async function listStored(client: XmtpClient): Promise<StoredConversation[]> {
  const stored: StoredConversation[] = [];
  const conversations = await client.conversations.list({
    consentStates: [0, 1, 2],
    includeDuplicateDms: true,
  });
  for (const conversation of conversations) {
    const isGroup = "appData" in conversation;
    const name = "name" in conversation ? conversation.name : undefined;
    if (
      isGroup &&
      isBackupChannel(conversation) &&
      (await isAlone(client, conversation))
    )
      continue;
    stored.push({
      conversationId: conversation.id,
      kind: isGroup ? "group" : "dm",
      ...(name !== undefined && name !== "" && { name }),
      messageCount: Number(
        await conversation.countMessages({ kind: applicationMessage }),
      ),
    });
  }
  return stored;
}

/** Anybody can mark a group. */
async function isAlone(
  { inboxId }: XmtpClient,
  group: { members(): Promise<{ inboxId: string }[]> },
): Promise<boolean> {
  return (await group.members()).every((member) => member.inboxId === inboxId);
}
