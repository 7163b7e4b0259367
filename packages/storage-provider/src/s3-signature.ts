import { createHash, createHmac } from "node:crypto";

/** Who signs, and for where. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

/** What is signed. */
export interface S3Request {
  readonly method: string;
  /** Host with port, as the `Host` header says it. */
  readonly host: string;
  /** Absolute path, segments encoded as they are sent. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names; without `host`. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hexadecimal. */
  readonly bodySha256: string;
}

/**
 * AWS Signature Version 4.
 *
 * @param now of the request
 * @returns all headers of the request, those of the signature among them
 */
export function signS3Request(
  request: S3Request,
  credentials: S3Credentials,
  now: Date,
): Record<string, string> {
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
  const day = time.slice(0, 8);
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.host,
    "x-amz-content-sha256": request.bodySha256,
    "x-amz-date": time,
  };
  const names = Object.keys(headers).sort();
  const signedHeaders = names.join(";");
  const canonical = [
    request.method,
    request.path,
    encodeQuery(request.query),
    ...names.map((name) => `${name}:${headers[name] ?? ""}`),
    "",
    signedHeaders,
    request.bodySha256,
  ].join("\n");
  const scope = `${day}/${credentials.region}/s3/aws4_request`;
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`;
  const hmac = (key: string | Buffer, data: string) =>
    createHmac("sha256", key).update(data).digest();
  const key = [credentials.region, "s3", "aws4_request"].reduce(
    hmac,
    hmac(`AWS4${credentials.secretAccessKey}`, day),
  );
  return {
    ...headers,
    authorization:
      `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope},` +
      `SignedHeaders=${signedHeaders},Signature=${hmac(key, text).toString("hex")}`,
  };
}

/** @returns a query in the one order and encoding that is signed, without a question mark */
export function encodeQuery(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .map(([name, value]) => `${encodeUri(name)}=${encodeUri(value)}`)
    .sort()
    .join("&");
}

/** @returns the text with everything but unreserved characters encoded (RFC 3986) */
export function encodeUri(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

const sha256 = (text: string) =>
  createHash("sha256").update(text).digest("hex");
