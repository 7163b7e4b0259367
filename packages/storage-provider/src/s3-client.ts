import { createHash } from "node:crypto";
import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { buffer } from "node:stream/consumers";
import {
  encodeQuery,
  encodeUri,
  signS3Request,
  type S3Credentials,
} from "./s3-signature.js";
import { StorageProviderError } from "./storage-provider-error.js";

/** Where a bucket is. Addressed by path, which every S3-compatible service understands. */
export interface S3Location extends S3Credentials {
  /** Address of the service, such as `https://s3.eu-central-1.amazonaws.com`. */
  readonly endpoint: string;
  readonly bucket: string;
}

/** One object of a listing. */
export interface S3Listed {
  readonly key: string;
  readonly size: number;
}

/** A page of a listing. */
export interface S3Page {
  readonly objects: readonly S3Listed[];
  /** Where the next page begins; `undefined` at the end. */
  readonly next: string | undefined;
}

/** A multipart upload under way, or left behind. */
export interface S3Unfinished {
  readonly key: string;
  readonly uploadId: string;
  /** Unix milliseconds. */
  readonly begunAtMs: number;
}

/** A body in pieces, which must not change any more. */
export interface S3Body {
  readonly chunks: readonly Uint8Array[];
  /** SHA-256 of all of them, in hexadecimal. */
  readonly sha256: string;
}

/** The operations of S3 that a store needs. All throw StorageProviderError `unavailable` or `full`. */
export interface S3Client {
  put(key: string, body: S3Body): Promise<void>;
  /**
   * Conditional create.
   *
   * @returns `full` where the service said so at once, so nothing was created; asked in vain before, it is an error
   */
  putNew(key: string, body: S3Body): Promise<"created" | "taken" | "full">;
  get(key: string): Promise<Buffer | undefined>;
  /**
   * @returns the bytes as they arrive, first and last included; how long they may be silent is the caller's business, who
   *   may be slow to take them
   */
  stream(
    key: string,
    range: { readonly first: number; readonly last: number },
  ): Promise<IncomingMessage | undefined>;
  remove(key: string): Promise<void>;
  /** @param after only keys behind this one */
  list(prefix: string, after: string | undefined): Promise<S3Page>;
  beginMultipart(key: string): Promise<string>;
  /** @returns the part's tag */
  putPart(
    key: string,
    uploadId: string,
    part: number,
    body: S3Body,
  ): Promise<string>;
  completeMultipart(
    key: string,
    uploadId: string,
    tags: readonly string[],
  ): Promise<void>;
  abortMultipart(key: string, uploadId: string): Promise<void>;
  /** @returns multipart uploads that were begun and not ended, at most a page of them */
  listMultipart(prefix: string): Promise<readonly S3Unfinished[]>;
  close(): void;
}

interface Call {
  readonly method: string;
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: S3Body;
}

/** How long an object store may be silent while it is waited for, in milliseconds. */
export const objectStoreSilenceMs = 30_000;

/** @returns bytes as a body */
export function bodyOf(bytes: Uint8Array): S3Body {
  return {
    chunks: [bytes],
    sha256: createHash("sha256").update(bytes).digest("hex"),
  };
}

const noBody = bodyOf(new Uint8Array());
const tries = 3;
const pageSize = 1_000;

/**
 * @param location where the bucket is
 * @param silenceMs how long the service may be silent before it is asked again, in milliseconds
 * @throws StorageProviderError `settings-invalid` for an endpoint that is no http or https address
 */
export function createS3Client(
  location: S3Location,
  silenceMs = objectStoreSilenceMs,
): S3Client {
  if (!URL.canParse(location.endpoint)) {
    throw new StorageProviderError(
      "settings-invalid",
      "s3Endpoint: expected an address",
    );
  }
  const endpoint = new URL(location.endpoint);
  const secure = endpoint.protocol === "https:";
  const agent = secure
    ? new HttpsAgent({ keepAlive: true })
    : new HttpAgent({ keepAlive: true });
  const base = endpoint.pathname.replace(/\/+$/, "");

  const send = (call: Call): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const path = [
        base,
        location.bucket,
        ...(call.key === "" ? [] : call.key.split("/")),
      ]
        .map((segment, at) => (at === 0 ? segment : encodeUri(segment)))
        .join("/");
      const query = call.query ?? {};
      const body = call.body ?? noBody;
      const length = body.chunks.reduce(
        (sum, each) => sum + each.byteLength,
        0,
      );
      const headers = signS3Request(
        {
          method: call.method,
          host: endpoint.host,
          path,
          query,
          headers: {
            ...(call.body === undefined
              ? {}
              : { "content-length": String(length) }),
            ...call.headers,
          },
          bodySha256: body.sha256,
        },
        location,
        new Date(),
      );
      const search = encodeQuery(query);
      const outgoing = (secure ? httpsRequest : httpRequest)(
        {
          agent,
          method: call.method,
          hostname: endpoint.hostname.replace(/^\[|\]$/g, ""),
          port: endpoint.port,
          path: search === "" ? path : `${path}?${search}`,
          headers,
          timeout: silenceMs,
        },
        resolve,
      );
      outgoing.once("timeout", () => {
        outgoing.destroy(new Error("timed out"));
      });
      outgoing.once("error", reject);
      for (const chunk of body.chunks) outgoing.write(chunk);
      outgoing.end();
    });

  /** Sends until an answer is not a passing failure; every operation here can be repeated. */
  const call = async (
    request: Call,
    onRepeat?: () => void,
  ): Promise<IncomingMessage> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const response = await send(request);
        const status = response.statusCode ?? 0;
        if (status < 500 && status !== 429) return response;
        const text = (await buffer(response)).toString();
        if (status === 507 || attempt >= tries) throw failure(status, text);
      } catch (cause) {
        if (cause instanceof StorageProviderError) throw cause;
        if (attempt >= tries) {
          throw new StorageProviderError(
            "unavailable",
            "the object store does not answer",
            {
              cause,
              retryAfterSeconds: 5,
            },
          );
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 50 * 4 ** attempt));
      onRepeat?.();
    }
  };
  const expectOk = async (request: Call): Promise<Buffer> => {
    const response = await call(request);
    const body = await buffer(response);
    const status = response.statusCode ?? 0;
    if (status >= 300) throw failure(status, body.toString());
    return body;
  };

  return {
    async put(key, body) {
      await expectOk({ method: "PUT", key, body });
    },
    async putNew(key, body) {
      let repeated = false;
      try {
        const response = await call(
          { method: "PUT", key, body, headers: { "if-none-match": "*" } },
          () => {
            repeated = true;
          },
        );
        const text = (await buffer(response)).toString();
        const status = response.statusCode ?? 0;
        if (status < 300) return "created";
        // 409: another conditional create of this key is under way, and may yet fail. It is asked again by the caller.
        if (status === 412 || status === 409) return "taken";
        throw failure(status, text);
      } catch (error) {
        if (!repeated && isFull(error)) return "full";
        throw error;
      }
    },
    async get(key) {
      const response = await call({ method: "GET", key });
      const body = await buffer(response);
      const status = response.statusCode ?? 0;
      if (status === 404) return undefined;
      if (status >= 300) throw failure(status, body.toString());
      return body;
    },
    async stream(key, { first, last }) {
      const response = await call({
        method: "GET",
        key,
        headers: { range: `bytes=${first}-${last}` },
      });
      const status = response.statusCode ?? 0;
      if (status === 206 || (status === 200 && first === 0)) {
        const length = response.headers["content-length"];
        if (length === undefined || Number(length) === last - first + 1) {
          response.setTimeout(0);
          return response;
        }
      }
      if (status < 300) {
        response.destroy();
        throw new StorageProviderError(
          "unavailable",
          "the object store gives other bytes than were asked for",
          { retryAfterSeconds: 5 },
        );
      }
      const text = (await buffer(response)).toString();
      if (status === 404) return undefined;
      throw failure(status, text);
    },
    async remove(key) {
      const response = await call({ method: "DELETE", key });
      const text = (await buffer(response)).toString();
      const status = response.statusCode ?? 0;
      if (status >= 300 && status !== 404) throw failure(status, text);
    },
    async list(prefix, after) {
      const text = (
        await expectOk({
          method: "GET",
          key: "",
          query: {
            "list-type": "2",
            prefix,
            "max-keys": String(pageSize),
            ...(after === undefined ? {} : { "start-after": after }),
          },
        })
      ).toString();
      const objects = [...text.matchAll(/<Contents>(.*?)<\/Contents>/gs)].map(
        ([, entry = ""]) => ({
          key: elementOf(entry, "Key") ?? "",
          size: Number(elementOf(entry, "Size")),
        }),
      );
      return {
        objects,
        next:
          elementOf(text, "IsTruncated") === "true"
            ? objects.at(-1)?.key
            : undefined,
      };
    },
    async beginMultipart(key) {
      const text = (
        await expectOk({
          method: "POST",
          key,
          query: { uploads: "" },
          body: noBody,
        })
      ).toString();
      const uploadId = elementOf(text, "UploadId");
      if (uploadId === undefined) throw failure(200, text);
      return uploadId;
    },
    async putPart(key, uploadId, part, body) {
      const response = await call({
        method: "PUT",
        key,
        query: { partNumber: String(part), uploadId },
        body,
      });
      const text = (await buffer(response)).toString();
      const tag = response.headers.etag;
      if ((response.statusCode ?? 0) >= 300 || tag === undefined) {
        throw failure(response.statusCode ?? 0, text);
      }
      return tag;
    },
    async completeMultipart(key, uploadId, tags) {
      const parts = tags.map(
        (tag, at) =>
          `<Part><PartNumber>${at + 1}</PartNumber><ETag>${tag}</ETag></Part>`,
      );
      const text = (
        await expectOk({
          method: "POST",
          key,
          query: { uploadId },
          body: bodyOf(
            Buffer.from(
              `<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`,
            ),
          ),
        })
      ).toString();
      // Long completions answer 200 first and may still fail.
      if (elementOf(text, "ETag") === undefined) throw failure(200, text);
    },
    async abortMultipart(key, uploadId) {
      const response = await call({
        method: "DELETE",
        key,
        query: { uploadId },
      });
      response.resume();
    },
    async listMultipart(prefix) {
      const text = (
        await expectOk({
          method: "GET",
          key: "",
          query: { uploads: "", prefix },
        })
      ).toString();
      return [...text.matchAll(/<Upload>(.*?)<\/Upload>/gs)].map(
        ([, entry = ""]) => ({
          key: elementOf(entry, "Key") ?? "",
          uploadId: elementOf(entry, "UploadId") ?? "",
          begunAtMs: Date.parse(elementOf(entry, "Initiated") ?? ""),
        }),
      );
    },
    close() {
      agent.destroy();
    },
  };
}

function elementOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`)
    .exec(xml)?.[1]
    ?.replace(/&quot;/g, '"')
    .replace(/&lt;/g, "<")
    .replace(/&gt;/g, ">")
    .replace(/&amp;/g, "&");
}

/**
 * Codes of services that have no room: a quota (Ceph, MinIO), a full disk (MinIO, Swift). Swift says of a used-up quota
 * what S3 says of an object beyond 5 TiB, which nothing that is sent here is.
 */
const fullCodes = /quota|full|^InsufficientStorage$|^EntityTooLarge$/i;

function failure(status: number, text: string): StorageProviderError {
  // S3's own code is a word of a closed list; its message may quote keys.
  const code = elementOf(text, "Code") ?? "no code";
  if (status === 507 || fullCodes.test(code)) {
    return new StorageProviderError("full", "the object store is full");
  }
  return new StorageProviderError(
    "unavailable",
    `the object store answered ${status} ${code}`,
    {
      retryAfterSeconds: 5,
    },
  );
}

/** @returns whether an operation failed because the object store has no room */
export function isFull(error: unknown): boolean {
  return error instanceof StorageProviderError && error.code === "full";
}
