import {
  encodeResponse,
  type MessageHistoryBackupResponse,
} from "@carryover/protocol";
import type { TestClient } from "@carryover/testkit";
import { Encrypter, generateX25519Identity } from "age-encryption";
import { createHash } from "node:crypto";
import { exportRecords, fileOf } from "./backup-bytes.js";
import {
  type Conversation,
  findRequest,
  findRequests,
  type FoundRequest,
  nowNs,
  sendBytes,
  signWith,
} from "./hostile-installation.js";
import type { HostileStorage } from "./hostile-storage.js";

/** What a response of a hostile installation differs in from an honest one. */
export interface Dishonesty {
  /** Changes the file before it is stored; its hash and size are told as they then are. */
  tamper?: (file: Uint8Array, identity: string) => Promise<Uint8Array>;
  /** Changes the file behind the response's back: the announced hash and size stay those of the whole one. */
  corruptStored?: (file: Uint8Array) => Uint8Array;
  response?: (url: string) => Partial<MessageHistoryBackupResponse>;
  /** Who signs and sends, and where; by default the installation that was asked, in the channel. */
  signer?: TestClient;
  conversation?: (found: FoundRequest) => Promise<Conversation>;
  sealTo?: string;
  /** Whose messages the file says that it holds. */
  inboxId?: string;
}

/** What was sent. */
export interface HostileAnswer {
  found: FoundRequest;
  backupUrl: string;
  file: Uint8Array;
}

/** Reads the request that an installation got, and answers it by itself: nobody has approved anything. */
export async function answerRequest(
  asked: TestClient,
  requestId: string,
  storage: HostileStorage,
  dishonesty: Dishonesty = {},
): Promise<HostileAnswer> {
  const found = await findRequest(asked, requestId);
  const identity = await generateX25519Identity();
  const channels = new Set(
    (await findRequests(asked)).map(({ channelId }) => channelId as string),
  );
  const records = (await exportRecords(asked)).filter(
    ({ view }) =>
      !("conversationId" in view && channels.has(view.conversationId)),
  );
  const honest = await fileOf(records, {
    inboxId: dishonesty.inboxId ?? asked.inboxId,
    identity,
  });
  const file = (await dishonesty.tamper?.(honest, identity)) ?? honest;
  const path = `/backups/${storage.files.size}`;
  storage.files.set(path, dishonesty.corruptStored?.(file) ?? file);
  const backupUrl = `${storage.url}${path}`;

  const encrypter = new Encrypter();
  encrypter.addRecipient(dishonesty.sealTo ?? found.request.responseRecipient);
  const sealedResponse = await encrypter.encrypt(
    encodeResponse({
      requestId: found.request.requestId,
      backupUrl,
      encryptionParameters: { kind: "ageV1", identity },
      backupFileHash: new Uint8Array(
        createHash("sha256").update(file).digest(),
      ),
      expirationTimeNs: nowNs() + 3_600_000_000_000n,
      backupFileSizeBytes: file.length,
      conversationCount: records.filter(({ view }) => view.kind === "group")
        .length,
      messageCount: records.filter(({ view }) => view.kind === "message")
        .length,
      ...dishonesty.response?.(backupUrl),
    }),
  );
  const signer = dishonesty.signer ?? asked;
  const conversation =
    (await dishonesty.conversation?.(found)) ?? found.channel;
  await sendBytes(
    conversation,
    signWith(signer, conversation, {
      kind: "response",
      response: { requestId: found.request.requestId, sealedResponse },
    }),
  );
  return { found, backupUrl, file };
}
