import { isMessage, type Message } from "@bufbuild/protobuf";
import { toHex } from "./bytes.js";
import { LocalNetworkError } from "./errors.js";
import {
  GetIdentityUpdatesRequestSchema,
  PublishIdentityUpdateRequestSchema,
} from "./gen/xmtp/identity/api/v1/identity_pb.js";
import {
  BatchPublishCommitLogRequestSchema,
  BatchQueryCommitLogRequestSchema,
  FetchKeyPackagesRequestSchema,
  GetNewestGroupMessageRequestSchema,
  QueryGroupMessagesRequestSchema,
  QueryWelcomeMessagesRequestSchema,
  SendGroupMessagesRequestSchema,
  SendWelcomeMessagesRequestSchema,
  SubscribeGroupMessagesRequestSchema,
  SubscribeWelcomeMessagesRequestSchema,
  UploadKeyPackageRequestSchema,
} from "./gen/xmtp/mls/api/v1/mls_pb.js";
import { parseGroupMessageFraming } from "./group-message-framing.js";
import { claimedOwner } from "./key-package.js";

/** What a call is about, as far as its request says. Ids are lower-case hex, in the order of the request. */
export interface CallSubjects {
  readonly groupIds: readonly string[];
  readonly installationIds: readonly string[];
  readonly inboxIds: readonly string[];
}

/** Reads the ids from a request of any method. */
export function callSubjects(request: Message): CallSubjects {
  return {
    groupIds: groupIds(request),
    installationIds: installationIds(request).map(toHex),
    inboxIds: inboxIds(request),
  };
}

function groupIds(request: Message): string[] {
  if (isMessage(request, SendGroupMessagesRequestSchema))
    return request.messages.flatMap(({ version }) =>
      version.case === "v1" ? groupIdOf(version.value.data) : [],
    );
  if (isMessage(request, QueryGroupMessagesRequestSchema))
    return [toHex(request.groupId)];
  if (isMessage(request, SubscribeGroupMessagesRequestSchema))
    return request.filters.map(({ groupId }) => toHex(groupId));
  if (
    isMessage(request, BatchPublishCommitLogRequestSchema) ||
    isMessage(request, BatchQueryCommitLogRequestSchema)
  )
    return request.requests.map(({ groupId }) => toHex(groupId));
  if (isMessage(request, GetNewestGroupMessageRequestSchema))
    return request.groupIds.map(toHex);
  return [];
}

function installationIds(request: Message): Uint8Array[] {
  if (isMessage(request, SendWelcomeMessagesRequestSchema))
    return request.messages.flatMap(({ version }) =>
      version.case === undefined ? [] : [version.value.installationKey],
    );
  if (isMessage(request, QueryWelcomeMessagesRequestSchema))
    return [request.installationKey];
  if (isMessage(request, SubscribeWelcomeMessagesRequestSchema))
    return request.filters.map(({ installationKey }) => installationKey);
  if (isMessage(request, FetchKeyPackagesRequestSchema))
    return request.installationKeys;
  if (isMessage(request, UploadKeyPackageRequestSchema))
    return unlessMalformed(() =>
      claimedOwner(
        request.keyPackage?.keyPackageTlsSerialized ?? new Uint8Array(),
      ),
    );
  return [];
}

function inboxIds(request: Message): string[] {
  if (isMessage(request, PublishIdentityUpdateRequestSchema))
    return request.identityUpdate === undefined
      ? []
      : [request.identityUpdate.inboxId];
  if (isMessage(request, GetIdentityUpdatesRequestSchema))
    return request.requests.map(({ inboxId }) => inboxId);
  return [];
}

const groupIdOf = (data: Uint8Array): string[] =>
  unlessMalformed(() => toHex(parseGroupMessageFraming(data).groupId));

/** Nothing of what does not parse: the call itself will be refused for it. */
function unlessMalformed<T>(read: () => T): T[] {
  try {
    return [read()];
  } catch (error) {
    if (error instanceof LocalNetworkError) return [];
    throw error;
  }
}
