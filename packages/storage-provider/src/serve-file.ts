import type { OutgoingHttpHeaders } from "node:http";
import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import type {
  BlobFacts,
  ByteRange,
  ContentSource,
  OpenBlob,
} from "./blob-store.js";
import { contentOfStream } from "./content-of-stream.js";
import { parseRange } from "./range.js";
import type { ProviderHooks, Service } from "./service.js";
import { StorageProviderError } from "./storage-provider-error.js";
import { parseBlobId, type BlobId } from "./ticket.js";

/**
 * Answers with the file of a name, whole or a range of it (RFC 9110), or with its head alone.
 *
 * @param segment the name, from outside
 * @throws StorageProviderError `not-found`, `precondition-failed`, `range-unsatisfiable`, `rate-limited`
 */
export async function serveFile(
  service: Service,
  request: FastifyRequest,
  reply: FastifyReply,
  segment: string,
): Promise<FastifyReply> {
  const id = parseBlobId(segment);
  if (id === undefined) throw notFound();
  const { raw: response } = reply;
  if (request.method !== "HEAD") {
    // Before the file is held open: refusing more must cost less than serving it.
    const slot = await service.limits.enter("download", request.ip);
    response.once("close", () => void slot.release());
    // It may have closed while others were asked.
    if (response.destroyed) void slot.release();
  }
  const blob = await openStored(service, id);
  let held = true;
  try {
    const range = prepare(request, reply, blob.facts);
    if (range === undefined || request.method === "HEAD") {
      return await reply.send();
    }
    held = false;
    const content = await blob.content(range);
    if (!Buffer.isBuffer(content)) {
      return await sendPieces(reply, content, service.hooks);
    }
    return service.hooks.downloadPiece === undefined
      ? await reply.send(content)
      : await sendPieces(
          reply,
          contentOfStream(Readable.from([content]), content.byteLength),
          service.hooks,
        );
  } finally {
    if (held) await blob.close();
  }
}

async function openStored(service: Service, id: BlobId): Promise<OpenBlob> {
  const blob = await service.store.open(id);
  if (blob === undefined) throw notFound();
  if (blob.facts.expiresAtMs > service.clock.nowMs()) return blob;
  await blob.close();
  throw notFound();
}

/**
 * Answers the preconditions in the order of RFC 9110 section 13.2.2 and sets every header but those of the body's way.
 *
 * @returns the bytes to send; `undefined` where the answer has no body
 */
function prepare(
  request: FastifyRequest,
  reply: FastifyReply,
  facts: BlobFacts,
): ByteRange | undefined {
  const sha256 = Buffer.from(facts.sha256);
  const etag = `"${sha256.toString("hex")}"`;
  const { headers } = request;
  const ifMatch = headers["if-match"];
  if (ifMatch !== undefined && !lists(ifMatch, etag, "strong")) {
    throw new StorageProviderError(
      "precondition-failed",
      "If-Match: the file has another ETag",
    );
  }
  reply.headers({
    etag,
    "repr-digest": `sha-256=:${sha256.toString("base64")}:`,
    "accept-ranges": "bytes",
    "last-modified": new Date(facts.createdAtMs).toUTCString(),
    // The file can be deleted at any moment, and a copy in a cache could not.
    "cache-control": "private, no-store",
  });
  const ifNoneMatch = headers["if-none-match"];
  if (ifNoneMatch !== undefined && lists(ifNoneMatch, etag, "weak")) {
    reply.code(304);
    return undefined;
  }
  reply.headers({
    "content-type": "application/octet-stream",
    "content-disposition": "attachment",
  });
  const ifRange = headers["if-range"];
  const range =
    ifRange === undefined || ifRange === etag
      ? parseRange(headers.range, facts.size)
      : "whole";
  if (range === "unsatisfiable") {
    reply.header("content-range", `bytes */${facts.size}`);
    throw new StorageProviderError(
      "range-unsatisfiable",
      "Range: outside the file",
      { members: { size: facts.size } },
    );
  }
  if (range === "whole") {
    reply.header("content-length", facts.size);
    return { first: 0, last: facts.size - 1 };
  }
  reply
    .code(206)
    .header("content-length", range.last - range.first + 1)
    .header(
      "content-range",
      `bytes ${range.first}-${range.last}/${facts.size}`,
    );
  return range;
}

function lists(
  header: string,
  etag: string,
  comparison: "strong" | "weak",
): boolean {
  return header.split(",").some((each) => {
    const tag = each.trim();
    return (
      tag === "*" ||
      tag === etag ||
      (comparison === "weak" && tag === `W/${etag}`)
    );
  });
}

const notFound = () =>
  new StorageProviderError("not-found", "no such backup, or not any more");

/** What fails from here on can only be told by cutting the connection. */
async function sendPieces(
  reply: FastifyReply,
  content: ContentSource,
  { downloadPiece }: ProviderHooks,
): Promise<FastifyReply> {
  reply.hijack();
  const { raw: response } = reply;
  const headers = reply.getHeaders();
  response.writeHead(reply.statusCode, headers as OutgoingHttpHeaders);
  try {
    await content.sendTo(
      response,
      downloadPiece === undefined
        ? undefined
        : async (sentBytes) => {
            if ((await downloadPiece(sentBytes)) === "continue") return;
            throw new Error("dropped by a test");
          },
    );
    response.end();
  } catch {
    response.destroy();
  }
  return reply;
}
