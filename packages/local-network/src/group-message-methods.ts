import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { type ServiceImpl } from "@connectrpc/connect";
import { toHex } from "./bytes.js";
import {
  GetNewestGroupMessageResponse_ResponseSchema,
  GetNewestGroupMessageResponseSchema,
  type GroupMessage,
  type GroupMessageInput,
  GroupMessageSchema,
  type GroupMessage_V1,
  GroupMessage_V1Schema,
  type MlsApi,
  QueryGroupMessagesResponseSchema,
} from "./gen/xmtp/mls/api/v1/mls_pb.js";
import { parseGroupMessageFraming } from "./group-message-framing.js";
import { pageRequest, pagingReply } from "./paging.js";
import { asInvalid, invalid, plainError } from "./refusals.js";
import { type NewGroupMessage, type Store } from "./store.js";

/** The methods of `MlsApi` around group messages. */
export function createGroupMessageMethods(store: Store) {
  return {
    sendGroupMessages: (request) => {
      if (request.messages.length === 0)
        throw invalid("no group messages to send");
      for (const message of request.messages.map(parseInput))
        store.insertGroupMessage(message);
      return create(EmptySchema);
    },

    queryGroupMessages: (request) => {
      if (request.groupId.length === 0) throw plainError("group is required");
      const paging = pageRequest(request.pagingInfo);
      const page = store.groupMessages.page(toHex(request.groupId), paging);
      return create(QueryGroupMessagesResponseSchema, {
        messages: page.entries.map(({ message }) => groupMessage(message)),
        pagingInfo: pagingReply(paging, page.nextCursor),
      });
    },

    subscribeGroupMessages: async function* (request, context) {
      const filters = request.filters.map(({ groupId, idCursor }) => {
        if (groupId.length === 0) throw plainError("group is required");
        return { topic: toHex(groupId), afterId: idCursor };
      });
      for await (const { message } of store.groupMessages.follow(
        filters,
        context.signal,
      ))
        yield groupMessage(message);
      context.signal.throwIfAborted();
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
  } satisfies Partial<ServiceImpl<typeof MlsApi>>;
}

function parseInput({ version }: GroupMessageInput): NewGroupMessage {
  if (version.case !== "v1") throw invalid("invalid group message");
  const { data, senderHmac, shouldPush } = version.value;
  const { groupId, content } = asInvalid("invalid group message", () =>
    parseGroupMessageFraming(data),
  );
  if (groupId.length === 0) throw invalid("group id is empty");
  // Proposals count as commits, as in the real node: clients need both to go on, so both are kept.
  const isCommit = content !== "application";
  return { groupId, data, senderHmac, shouldPush, isCommit };
}

function groupMessage(value: GroupMessage_V1): GroupMessage {
  return create(GroupMessageSchema, { version: { case: "v1", value } });
}

function metadataOf(message: GroupMessage_V1): GroupMessage_V1 {
  const { id, createdNs, groupId, isCommit } = message;
  return create(GroupMessage_V1Schema, { id, createdNs, groupId, isCommit });
}
