import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { toHex } from "./bytes.js";
import { type Clock } from "./clock.js";
import { LocalNetworkError } from "./errors.js";
import {
  FetchKeyPackagesResponse_KeyPackageSchema,
  FetchKeyPackagesResponseSchema,
  GetNewestGroupMessageResponse_ResponseSchema,
  GetNewestGroupMessageResponseSchema,
  type GroupMessage,
  GroupMessageSchema,
  type GroupMessage_V1,
  GroupMessage_V1Schema,
  type KeyPackageUpload,
  type MlsApi,
  BatchQueryCommitLogResponseSchema,
  QueryCommitLogResponseSchema,
  QueryGroupMessagesResponseSchema,
  QueryWelcomeMessagesResponseSchema,
  RegisterInstallationResponseSchema,
  SortDirection,
  type WelcomeMessageInput,
} from "./gen/xmtp/mls/api/v1/mls_pb.js";
import { CommitLogEntrySchema } from "./gen/xmtp/mls/message_contents/commit_log_pb.js";
import {
  WelcomePointerWrapperAlgorithm,
  WelcomeWrapperAlgorithm,
} from "./gen/xmtp/mls/message_contents/wrapper_algorithm_pb.js";
import {
  type GroupMessageFraming,
  parseGroupMessageFraming,
} from "./group-message-framing.js";
import { parseKeyPackage } from "./key-package.js";
import { pageRequest, pagingReply } from "./paging.js";
import { type Store } from "./store.js";

const maxCommitLogInserts = 10;
const maxCommitLogQueries = 20;

const invalid = (message: string): ConnectError =>
  new ConnectError(message, Code.InvalidArgument);

/** `xmtp.mls.api.v1.MlsApi` over a store. */
export function createMlsService(
  store: Store,
  clock: Clock,
): ServiceImpl<typeof MlsApi> {
  const putKeyPackage = (upload: KeyPackageUpload | undefined): Uint8Array => {
    if (upload === undefined) throw invalid("no key package");
    const bytes = upload.keyPackageTlsSerialized;
    const { installationId } = asInvalid("invalid identity", () =>
      parseKeyPackage(bytes, clock.nowNs() / 1_000_000_000n),
    );
    store.putKeyPackage(installationId, bytes);
    return installationId;
  };

  return {
    registerInstallation: (request) =>
      create(RegisterInstallationResponseSchema, {
        installationKey: putKeyPackage(request.keyPackage),
      }),

    uploadKeyPackage: (request) => {
      putKeyPackage(request.keyPackage);
      return create(EmptySchema);
    },

    fetchKeyPackages: (request) =>
      create(FetchKeyPackagesResponseSchema, {
        keyPackages: request.installationKeys.map((key) => {
          const keyPackageTlsSerialized = store.keyPackage(key);
          return create(
            FetchKeyPackagesResponse_KeyPackageSchema,
            keyPackageTlsSerialized === undefined
              ? {}
              : { keyPackageTlsSerialized },
          );
        }),
      }),

    sendGroupMessages: (request) => {
      if (request.messages.length === 0)
        throw invalid("no group messages to send");
      const inputs = request.messages.map(({ version }) => {
        if (version.case !== "v1") throw invalid("invalid group message");
        return version.value;
      });
      const framings = inputs.map((input): GroupMessageFraming => {
        const framing = asInvalid("invalid group message", () =>
          parseGroupMessageFraming(input.data),
        );
        return framing;
      });
      framings.forEach(({ groupId, content }, index) => {
        const input = inputs[index];
        if (input === undefined) return;
        if (groupId.length === 0) throw invalid("group id is empty");
        store.insertGroupMessage({
          groupId,
          data: input.data,
          senderHmac: input.senderHmac,
          shouldPush: input.shouldPush,
          // Proposals count as commits: they must stay as long, and clients page them the same way.
          isCommit: content !== "application",
        });
      });
      return create(EmptySchema);
    },

    sendWelcomeMessages: (request) => {
      if (request.messages.length === 0)
        throw invalid("no welcome messages to send");
      request.messages.forEach(checkWelcome);
      for (const message of request.messages) store.insertWelcome(message);
      return create(EmptySchema);
    },

    queryGroupMessages: (request) => {
      // The real node gives a plain error here, which gRPC calls Unknown.
      if (request.groupId.length === 0)
        throw new ConnectError("group is required", Code.Unknown);
      const paging = pageRequest(request.pagingInfo);
      const page = store.groupMessages.page(toHex(request.groupId), paging);
      return create(QueryGroupMessagesResponseSchema, {
        messages: page.entries.map(({ message }) => groupMessage(message)),
        pagingInfo: pagingReply(paging, page.nextCursor),
      });
    },

    queryWelcomeMessages: (request) => {
      if (request.installationKey.length === 0)
        throw new ConnectError("installation is required", Code.Unknown);
      const paging = pageRequest(request.pagingInfo);
      const page = store.welcomes.page(toHex(request.installationKey), paging);
      return create(QueryWelcomeMessagesResponseSchema, {
        messages: page.entries.map(({ message }) => message),
        pagingInfo: pagingReply(paging, page.nextCursor),
      });
    },

    subscribeGroupMessages: async function* (request, context) {
      const filters = request.filters.map(({ groupId, idCursor }) => {
        if (groupId.length === 0)
          throw new ConnectError("group is required", Code.Unknown);
        return { topic: toHex(groupId), afterId: idCursor };
      });
      for await (const { message } of store.groupMessages.follow(
        filters,
        context.signal,
      ))
        yield groupMessage(message);
      context.signal.throwIfAborted();
    },

    subscribeWelcomeMessages: async function* (request, context) {
      if (request.filters.length === 0)
        throw invalid("no valid filters provided");
      const filters = request.filters.map(({ installationKey, idCursor }) => {
        if (installationKey.length === 0)
          throw invalid("a filter is nil or installation key is empty");
        return { topic: toHex(installationKey), afterId: idCursor };
      });
      for await (const { message } of store.welcomes.follow(
        filters,
        context.signal,
      ))
        yield message;
      context.signal.throwIfAborted();
    },

    batchPublishCommitLog: (request) => {
      if (request.requests.length === 0)
        throw invalid("no log entries to publish");
      if (request.requests.length > maxCommitLogInserts)
        throw invalid(
          `cannot exceed ${maxCommitLogInserts} inserts in single batch`,
        );
      for (const entry of request.requests) {
        if (
          entry.groupId.length === 0 ||
          entry.serializedCommitLogEntry.length === 0 ||
          entry.signature === undefined
        )
          throw invalid("invalid commit log entry");
        store.insertCommitLogEntry(
          entry.groupId,
          entry.serializedCommitLogEntry,
          entry.signature,
        );
      }
      return create(EmptySchema);
    },

    batchQueryCommitLog: (request) => {
      if (request.requests.length === 0) throw invalid("no requests to query");
      if (request.requests.length > maxCommitLogQueries)
        throw invalid(
          `cannot exceed ${maxCommitLogQueries} queries in single batch`,
        );
      return create(BatchQueryCommitLogResponseSchema, {
        responses: request.requests.map(({ groupId, pagingInfo }) => {
          if (groupId.length === 0) throw invalid("invalid request");
          if (pagingInfo?.direction === SortDirection.DESCENDING)
            throw new ConnectError(
              "failed to query commit log: descending direction is not supported",
              Code.Internal,
            );
          const paging = {
            ...pageRequest(pagingInfo),
            direction: "ascending" as const,
          };
          const page = store.commitLog.page(toHex(groupId), paging);
          return create(QueryCommitLogResponseSchema, {
            groupId,
            commitLogEntries: page.entries.map(({ id, entry }) =>
              create(CommitLogEntrySchema, {
                sequenceId: id,
                serializedCommitLogEntry: entry.serializedCommitLogEntry,
                ...(entry.signature === undefined
                  ? {}
                  : { signature: entry.signature }),
              }),
            ),
            pagingInfo: pagingReply(paging, page.nextCursor),
          });
        }),
      });
    },

    getNewestGroupMessage: (request) => {
      if (request.groupIds.length === 0) throw invalid("no group ids provided");
      return create(GetNewestGroupMessageResponseSchema, {
        responses: request.groupIds.map((groupId) => {
          const newest = store.groupMessages.newest(toHex(groupId))?.message;
          return create(
            GetNewestGroupMessageResponse_ResponseSchema,
            newest === undefined
              ? {}
              : {
                  groupMessage: groupMessage(
                    request.includeContent ? newest : metadataOf(newest),
                  ),
                },
          );
        }),
      });
    },
  };
}

function groupMessage(value: GroupMessage_V1): GroupMessage {
  return create(GroupMessageSchema, { version: { case: "v1", value } });
}

function metadataOf(message: GroupMessage_V1): GroupMessage_V1 {
  const { id, createdNs, groupId, isCommit } = message;
  return create(GroupMessage_V1Schema, { id, createdNs, groupId, isCommit });
}

function checkWelcome({ version }: WelcomeMessageInput): void {
  switch (version.case) {
    case "v1": {
      const { installationKey, data, hpkePublicKey, wrapperAlgorithm } =
        version.value;
      const needsKey =
        wrapperAlgorithm !== WelcomeWrapperAlgorithm.SYMMETRIC_KEY;
      if (
        data.length === 0 ||
        installationKey.length === 0 ||
        (needsKey && hpkePublicKey.length === 0)
      )
        throw invalid("invalid welcome message");
      break;
    }
    case "welcomePointer": {
      const {
        installationKey,
        welcomePointer,
        hpkePublicKey,
        wrapperAlgorithm,
      } = version.value;
      if (
        installationKey.length === 0 ||
        welcomePointer.length === 0 ||
        hpkePublicKey.length === 0
      )
        throw invalid("invalid welcome pointer message");
      if (
        wrapperAlgorithm !==
        WelcomePointerWrapperAlgorithm.XWING_MLKEM_768_DRAFT_6
      )
        throw invalid("invalid welcome pointer wrapper algorithm");
      break;
    }
    case undefined:
      throw invalid("invalid welcome message: missing version");
  }
}

/** Runs a parser; what it refuses is the caller's fault. */
function asInvalid<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (cause) {
    if (!(cause instanceof LocalNetworkError)) throw cause;
    throw new ConnectError(
      `${what}: ${cause.message}`,
      Code.InvalidArgument,
      undefined,
      undefined,
      cause,
    );
  }
}
