import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { toHex } from "./bytes.js";
import {
  BatchQueryCommitLogResponseSchema,
  type MlsApi,
  QueryCommitLogResponseSchema,
  SortDirection,
} from "./gen/xmtp/mls/api/v1/mls_pb.js";
import { CommitLogEntrySchema } from "./gen/xmtp/mls/message_contents/commit_log_pb.js";
import { pageRequest, pagingReply } from "./paging.js";
import { invalid } from "./refusals.js";
import { type Store } from "./store.js";

const maxCommitLogInserts = 10;
const maxCommitLogQueries = 20;

/** The methods of `MlsApi` around the commit log. */
export function createCommitLogMethods(store: Store) {
  return {
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
  } satisfies Partial<ServiceImpl<typeof MlsApi>>;
}
