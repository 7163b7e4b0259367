import {
  createRequestId,
  createVerificationPin,
  type InstallationId,
  parseAppName,
  ProtocolError,
  wholeHistory,
} from "@carryover/protocol";
import { generateHybridIdentity } from "age-encryption";
import type { OutboundRequest, RequestOptions } from "../api.js";
import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import { isBackupInstallation } from "../role/backup-roles.js";
import type { OutboundRecord, RequesterCall } from "../state/engine-state.js";
import {
  storageOriginOf,
  storageOriginOfMessageUrl,
} from "../storage/storage-origin.js";
import { moveOutbound, viewOutbound } from "./outbound-records.js";
import { sendCall } from "./send-call.js";

/**
 * XIP-31, "Flow for Backup Requesters" 1 to 3: finds the other installations, obtains an upload authorization for each,
 * stores the requests and sends them.
 */
export async function requestBackup(
  context: EngineContext,
  options: RequestOptions,
): Promise<OutboundRequest[]> {
  const appName = checkedAppName(options.appName);
  if (storageOriginOf(options.storageProviderUrl) === undefined)
    throw new CarryoverError(
      "invalidOption",
      "storageProviderUrl: must be https, or http on loopback",
    );
  const recipients = await findRecipients(context, options.ask ?? "devices");
  const createdAtNs = context.clock.nowNs();
  const requests: OutboundRecord[] = [];
  for (const recipient of recipients)
    requests.push(await prepareRequest(context, recipient, options));
  const call: RequesterCall = {
    callId: createRequestId(context.randomBytes),
    verificationPin: createVerificationPin(context.randomBytes),
    createdAtNs,
    expiresAtNs:
      createdAtNs + BigInt(context.policy.requestLifetimeMs) * 1_000_000n,
    appName,
    scope: options.scope ?? wholeHistory,
    requests,
    allowedWhenAsked: await listAllowed(context),
    channelMessages: "present",
  };
  options.signal?.throwIfAborted();
  await context.state.update((draft) => draft.calls.unshift(call));
  await sendNowOrLater(context, call);
  const stored =
    context.state
      .current()
      .calls.find(({ callId }) => callId === call.callId) ?? call;
  return stored.requests.map((record) =>
    viewOutbound({ call: stored, record }),
  );
}

async function listAllowed({ history }: EngineContext): Promise<string[]> {
  return (await history.listConversations())
    .filter(({ consent }) => consent === "allowed")
    .map(({ conversationId }) => conversationId);
}

/** The requests are stored: what cannot be sent now is sent by the next `sync`, and its step says so until then. */
async function sendNowOrLater(
  context: EngineContext,
  { callId, requests }: RequesterCall,
): Promise<void> {
  try {
    await sendCall(context, callId);
  } catch (error) {
    if (!(error instanceof CarryoverError)) throw error;
    if (error.retryable) return;
    for (const { requestId } of requests)
      await moveOutbound(context, requestId, "failedForGood", {
        failure: error.code,
      });
    throw error;
  }
}

function checkedAppName(appName: string): string {
  try {
    return parseAppName(appName);
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw new CarryoverError(
      "invalidOption",
      "appName: must be 1 to 64 visible characters",
      { cause },
    );
  }
}

/** XIP-31: "Ignore any installations that have been revoked"; a backup installation is asked by a person, not by us. */
async function findRecipients(
  context: EngineContext,
  ask: NonNullable<RequestOptions["ask"]>,
): Promise<InstallationId[]> {
  const { installation } = context;
  const { installations } = await installation.fetchInboxState();
  if (
    !installations.some(
      ({ installationId }) => installationId === installation.installationId,
    )
  )
    throw new CarryoverError(
      "installationRevoked",
      "this installation does not belong to the inbox",
    );
  const recipients = installations
    .map(({ installationId }) => installationId)
    .filter(
      (id) =>
        id !== installation.installationId &&
        (ask === "devicesAndBackupAccountFiles" ||
          !isBackupInstallation(context, id)),
    );
  if (recipients.length === 0)
    throw new CarryoverError(
      "noOtherInstallations",
      "the inbox has no other installation that could answer",
    );
  return recipients;
}

async function prepareRequest(
  { storageProvider, randomBytes }: EngineContext,
  recipientInstallationId: InstallationId,
  { storageProviderUrl, signal }: RequestOptions,
): Promise<OutboundRecord> {
  const authorization = await storageProvider.obtainUploadAuthorization(
    storageProviderUrl,
    signal ? { signal } : {},
  );
  const { deletion, uploadUrl } = authorization;
  const storageOrigin = storageOriginOfMessageUrl(uploadUrl);
  if (storageOrigin === undefined)
    throw new CarryoverError(
      "storageRefused",
      "the storage service answered with an upload URL that cannot be used",
    );
  const ownOrigins = [storageOrigin, storageOriginOf(storageProviderUrl)];
  if (deletion && !ownOrigins.includes(storageOriginOf(deletion.url)))
    throw new CarryoverError(
      "storageRefused",
      "the storage service deletes at an origin that is not its own",
    );
  return {
    requestId: createRequestId(randomBytes),
    recipientInstallationId,
    state: "stored",
    storageOrigin,
    pendingEffects: [],
    // Post-quantum hybrid: what is sealed to it is a key, and the channel's bytes may be kept by anybody for decades.
    secrets: {
      uploadUrl,
      responseIdentity: await generateHybridIdentity(),
    },
    ...(deletion && { deletion }),
    downloadName: `backup-${createRequestId(randomBytes)}`,
  };
}
