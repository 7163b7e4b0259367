import {
  problemKinds,
  type StorageProviderErrorCode,
} from "./storage-provider-error.js";
import { problemMediaType, problemTypePrefix } from "./problem.js";

type Json = Readonly<Record<string, unknown>>;

const time = {
  type: "string",
  format: "date-time",
  description: "RFC 3339, UTC",
};
const address = { type: "string", format: "uri" };
const sha256 = { type: "string", pattern: "^[0-9a-f]{64}$" };

const object = (
  properties: Json,
  optional: readonly string[] = [],
  rest: Json = {},
): Json => ({
  type: "object",
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
  ...rest,
});

const schemas = {
  Authorization: object({
    uploadUrl: {
      ...address,
      description: "Secret. Good for one upload until `expiresAt`",
    },
    maxBytes: { type: "integer", minimum: 1 },
    expiresAt: time,
    receiptKey: {
      type: "string",
      description: "Secret of the requester: deletes this one file",
    },
    deleteUrl: address,
  }),
  Authorizations: object({
    authorizations: {
      type: "array",
      minItems: 1,
      maxItems: 32,
      items: { $ref: "#/components/schemas/Authorization" },
    },
  }),
  InstallationProof: object({
    inboxId: { type: "string", pattern: "^[0-9a-f]{64}$" },
    installationId: { type: "string", pattern: "^[0-9a-f]{64}$" },
    challenge: { type: "string", minLength: 1, maxLength: 256 },
    signature: { type: "string", pattern: "^[0-9a-f]{128}$" },
  }),
  AuthorizationRequest: object(
    {
      count: { type: "integer", minimum: 1, maximum: 32 },
      proof: { $ref: "#/components/schemas/InstallationProof" },
    },
    ["count", "proof"],
  ),
  Challenge: object({
    challenge: { type: "string" },
    service: { ...address, description: "Goes into the text that is signed" },
    expiresAt: time,
  }),
  StoredBackup: object({
    downloadUrl: address,
    expiresAt: time,
    size: { type: "integer", minimum: 1 },
    sha256,
  }),
  Health: object({ status: { const: "ok" } }),
  Problem: object(
    {
      type: { type: "string", pattern: `^${problemTypePrefix}` },
      title: { type: "string" },
      status: { type: "integer", minimum: 400, maximum: 599 },
      detail: { type: "string" },
      code: { type: "string" },
      retryable: { type: "boolean" },
      advice: { type: "string", description: "One line for a person" },
    },
    [],
    { description: "RFC 9457" },
  ),
} as const;

const schema = (name: keyof typeof schemas): Json => ({
  $ref: `#/components/schemas/${name}`,
});
const json = (name: keyof typeof schemas): Json => ({
  "application/json": { schema: schema(name) },
});
const bytes: Json = { "application/octet-stream": {} };
const header = (description: string, ofSchema: Json = { type: "string" }) => ({
  description,
  required: true,
  schema: ofSchema,
});
const fileHeaders = {
  ETag: header("SHA-256 of the file, in quoted hexadecimal"),
  "Repr-Digest": header("SHA-256 of the file (RFC 9530)"),
  "Accept-Ranges": header("`bytes`"),
};
const lengthHeader = {
  "Content-Length": header("Bytes that follow", { type: "integer" }),
};

/** Answers for problems, one a status, each naming the codes that it can have. */
function problems(codes: readonly StorageProviderErrorCode[]): Json {
  const byStatus = new Map<number, StorageProviderErrorCode[]>();
  for (const code of [...codes, "internal", "unavailable"] as const) {
    const { status } = problemKinds[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codesOfStatus]) => [
      String(status),
      {
        description: codesOfStatus
          .map((code) => `\`${code}\`: ${problemKinds[code].title}`)
          .join(" · "),
        ...(status === 429 || status === 503
          ? {
              headers: {
                "Retry-After": header("Seconds", { type: "integer" }),
              },
            }
          : {}),
        content: {
          [problemMediaType]: {
            schema: {
              allOf: [
                schema("Problem"),
                {
                  type: "object",
                  properties: {
                    status: { const: status },
                    code: { enum: codesOfStatus },
                    ...(codesOfStatus.includes("used")
                      ? (schemas.StoredBackup.properties as Json)
                      : {}),
                  },
                },
              ],
            },
          },
        },
      },
    ]),
  );
}

const idParameter = {
  name: "id",
  in: "path",
  required: true,
  schema: { type: "string", pattern: "^[A-Za-z0-9_-]{27}$" },
};
const conditions = ["Range", "If-Range", "If-Match", "If-None-Match"].map(
  (name) => ({ name, in: "header", schema: { type: "string" } }),
);

function download(method: "GET" | "HEAD"): Json {
  const content = method === "GET" ? { content: bytes } : {};
  return {
    summary:
      method === "GET"
        ? "The file, whole or a range of it"
        : "What is known of the file",
    security: [],
    parameters: [idParameter, ...conditions],
    responses: {
      "200": {
        description: "The whole file",
        headers: { ...fileHeaders, ...lengthHeader },
        ...content,
      },
      "206": {
        description: "The range that was asked for",
        headers: {
          ...fileHeaders,
          ...lengthHeader,
          "Content-Range": header("Where the range lies"),
        },
        ...content,
      },
      "304": { description: "Not another file than the one that is there" },
      ...problems([
        "not-found",
        "precondition-failed",
        "range-unsatisfiable",
        ...(method === "GET" ? (["rate-limited"] as const) : []),
      ]),
    },
  };
}

/** Which endpoints an instance has. */
export interface OpenApiSettings {
  /** Origin (and path) that clients reach the service at. */
  readonly publicUrl: string;
  readonly authorization: "open" | "apiKey" | "installation";
  readonly officialClients: "off" | "on";
  readonly metrics: "off" | "on";
}

/** @returns the OpenAPI 3.1 document of a service with these settings */
export function openApiDocument(settings: OpenApiSettings): Json {
  const authorizationProblems = {
    open: [],
    apiKey: ["credentials-missing", "credentials-invalid"],
    installation: ["proof-missing", "proof-invalid"],
  } as const;
  return {
    openapi: "3.1.0",
    info: {
      title: "Backup Storage Provider",
      version: "1.0.0",
      description:
        "Keeps end-to-end-encrypted message backups for a few days and can read none of them. Every error is an RFC 9457 problem document.",
    },
    servers: [{ url: settings.publicUrl }],
    components: {
      schemas,
      securitySchemes: {
        apiKey: { type: "http", scheme: "bearer" },
        receiptKey: { type: "http", scheme: "bearer" },
        metricsToken: { type: "http", scheme: "bearer" },
      },
    },
    paths: {
      "/authorizations": {
        post: {
          summary: "Obtain one-time upload authorizations",
          security: settings.authorization === "apiKey" ? [{ apiKey: [] }] : [],
          requestBody: {
            required: settings.authorization === "installation",
            content: json("AuthorizationRequest"),
          },
          responses: {
            "201": {
              description: "One authorization, or with `count` a list of them",
              content: {
                "application/json": {
                  schema: {
                    oneOf: [schema("Authorization"), schema("Authorizations")],
                  },
                },
              },
            },
            ...problems([
              "body-malformed",
              ...authorizationProblems[settings.authorization],
              "too-large",
              "media-type",
              "rate-limited",
            ]),
          },
        },
      },
      ...(settings.authorization === "installation"
        ? {
            "/authorizations/challenges": {
              post: {
                summary: "Obtain what an installation signs",
                security: [],
                responses: {
                  "201": {
                    description: "To be signed within two minutes, once",
                    content: json("Challenge"),
                  },
                  ...problems(["rate-limited"]),
                },
              },
            },
          }
        : {}),
      "/backups": {
        post: {
          summary: "Upload one file into the place that a ticket names",
          description:
            "Everything about the ticket is checked before the body is read. A ticket that was used is told what its upload was told: to everybody, or where the upload carried an `Idempotency-Key` to who sends the same.",
          security: [],
          parameters: [
            {
              name: "ticket",
              in: "query",
              required: true,
              description: "Part of the upload URL",
              schema: { type: "string" },
            },
            {
              name: "Idempotency-Key",
              in: "header",
              required: false,
              description:
                "Random, chosen by the uploader. Once an upload carried one, only a request with the same one is told its result again (409 `used` with the members of the 201)",
              schema: { type: "string", minLength: 16, maxLength: 256 },
            },
          ],
          requestBody: {
            required: true,
            content: {
              "multipart/form-data": {
                schema: object({
                  file: {
                    type: "string",
                    contentMediaType: "application/octet-stream",
                  },
                }),
              },
            },
          },
          responses: {
            "201": {
              description: "The file is durable",
              headers: { Location: header("`downloadUrl`", address) },
              content: json("StoredBackup"),
            },
            ...problems([
              "body-malformed",
              "file-missing",
              "file-repeated",
              "request-malformed",
              "ticket-missing",
              "ticket-invalid",
              "ticket-expired",
              "timeout",
              "used",
              "withdrawn",
              "too-large",
              "media-type",
              "rate-limited",
              "full",
            ]),
          },
        },
      },
      "/backups/{id}": {
        get: download("GET"),
        head: download("HEAD"),
        delete: {
          summary: "Delete a file, or void a ticket before it is used",
          security: [{ receiptKey: [] }],
          parameters: [idParameter],
          responses: {
            "204": { description: "There is no such file, and will be none" },
            ...problems([
              "receipt-missing",
              "receipt-invalid",
              "not-found",
              "full",
            ]),
          },
        },
      },
      ...(settings.officialClients === "on"
        ? {
            "/upload": {
              post: {
                summary:
                  "Upload by an official XMTP client: the body is the file",
                security: [],
                requestBody: { required: true, content: bytes },
                responses: {
                  "200": {
                    description: "The name of the file",
                    content: { "text/plain": { schema: idParameter.schema } },
                  },
                  ...problems([
                    "file-missing",
                    "timeout",
                    "too-large",
                    "media-type",
                    "rate-limited",
                    "full",
                  ]),
                },
              },
            },
            "/files/{id}": { get: download("GET"), head: download("HEAD") },
          }
        : {}),
      "/healthz": {
        get: {
          summary: "Whether a file could be stored now",
          security: [],
          responses: {
            "200": { description: "It could", content: json("Health") },
            ...problems(["full"]),
          },
        },
      },
      ...(settings.metrics === "on"
        ? {
            "/metrics": {
              get: {
                summary: "Prometheus metrics",
                security: [{ metricsToken: [] }],
                responses: {
                  "200": {
                    description: "Text format 0.0.4",
                    content: { "text/plain": { schema: { type: "string" } } },
                  },
                  ...problems(["credentials-missing", "credentials-invalid"]),
                },
              },
            },
          }
        : {}),
      "/openapi.json": {
        get: {
          summary: "This document",
          security: [],
          responses: {
            "200": {
              description: "OpenAPI 3.1",
              content: { "application/json": { schema: { type: "object" } } },
            },
          },
        },
      },
    },
  };
}
