import { create } from "@bufbuild/protobuf";
import {
  type PagingInfo,
  PagingInfoSchema,
  SortDirection,
} from "./gen/xmtp/mls/api/v1/mls_pb.js";
import { type PageRequest } from "./topic-log.js";

/** Entries of a page at most, and when the client names no limit. */
export const maxPageEntries = 100;

/** What the client asks for. An unspecified direction is descending; a limit of 0 or over 100 is 100. */
export function pageRequest(info: PagingInfo | undefined): PageRequest {
  const limit = info?.limit ?? 0;
  return {
    direction:
      info?.direction === SortDirection.ASCENDING ? "ascending" : "descending",
    limit: limit > 0 && limit <= maxPageEntries ? limit : maxPageEntries,
    cursor: info?.idCursor ?? 0n,
  };
}

/** What the reply says of itself; a cursor of 0 ends the paging. */
export function pagingReply(
  request: PageRequest,
  nextCursor: bigint,
): PagingInfo {
  return create(PagingInfoSchema, {
    direction:
      request.direction === "ascending"
        ? SortDirection.ASCENDING
        : SortDirection.DESCENDING,
    limit: request.limit,
    idCursor: nextCursor,
  });
}
