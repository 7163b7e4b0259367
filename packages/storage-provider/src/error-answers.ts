import type { FastifyInstance, FastifyReply } from "fastify";
import type { Socket } from "node:net";
import type { Exchange } from "./connections.js";
import { problemDocument, problemMediaType } from "./problem.js";
import { StorageProviderError } from "./storage-provider-error.js";

/** Makes every error answer an RFC 9457 document, those of Fastify and of Node.js included. */
export function errorAnswers(
  app: FastifyInstance,
  onInternal: (error: unknown) => void,
): void {
  app.setErrorHandler((error, _request, reply) => {
    const problem = asProblem(error);
    if (problem.code === "internal") onInternal(error);
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((_request, reply) =>
    sendProblem(
      reply,
      new StorageProviderError("not-found", "no endpoint has this address"),
    ),
  );
}

const fileHeaders = [
  "accept-ranges",
  "content-disposition",
  "content-length",
  "etag",
  "last-modified",
  "repr-digest",
];

const usualRetrySeconds = 5;

/** Answers with a problem. */
export function sendProblem(
  reply: FastifyReply,
  problem: StorageProviderError,
): FastifyReply {
  // What was said of a file that is not sent after all.
  for (const name of fileHeaders) reply.removeHeader(name);
  if (problem.status !== 416) reply.removeHeader("content-range");
  reply
    .code(problem.status)
    .header("cache-control", "no-store")
    .header("content-type", problemMediaType);
  const retryAfterSeconds =
    problem.retryAfterSeconds ??
    (problem.status === 503 ? usualRetrySeconds : undefined);
  if (retryAfterSeconds !== undefined) {
    reply.header("retry-after", retryAfterSeconds);
  }
  if (problem.status === 401) reply.header("www-authenticate", "Bearer");
  // As bytes: Fastify would add a charset, which this media type does not define.
  return reply.send(Buffer.from(JSON.stringify(problemDocument(problem))));
}

/**
 * Answers what Node.js could not read as HTTP, and closes the connection.
 *
 * @param underWay decides what can still be told on a connection
 */
export function createClientErrorHandler(
  underWay: (socket: Socket) => readonly Exchange[],
): (error: Error, socket: Socket) => void {
  const ending = new WeakSet<Socket>();
  return (error, socket) => {
    const code = "code" in error ? error.code : undefined;
    const exchanges = underWay(socket);
    const last = exchanges.at(-1);
    if (!socket.writable || code === "ECONNRESET") {
      socket.destroy();
    } else if (last === undefined) {
      socket.end(clientErrorAnswer(code));
    } else if (last.request.complete) {
      // What cannot be read comes behind good requests, which still get their answers; and more of it may follow.
      if (ending.has(socket)) return;
      ending.add(socket);
      last.response.once("close", () => socket.destroySoon());
    } else if (exchanges.length > 1 || last.response.headersSent) {
      // Words of ours in the middle of a file would pass for the file.
      socket.destroy();
    } else {
      socket.end(clientErrorAnswer(code));
    }
  };
}

function clientErrorAnswer(errorCode: unknown): string {
  const problem = new StorageProviderError(
    errorCode === "HPE_HEADER_OVERFLOW"
      ? "headers-too-large"
      : errorCode === "ERR_HTTP_REQUEST_TIMEOUT"
        ? "timeout"
        : "request-malformed",
    "not a readable HTTP request",
  );
  const body = JSON.stringify(problemDocument(problem));
  return (
    `HTTP/1.1 ${problem.status} ${problem.code}\r\nContent-Type: ${problemMediaType}\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  );
}

/** @returns the problem that an error of any kind stands for */
export function asProblem(error: unknown): StorageProviderError {
  if (error instanceof StorageProviderError) return error;
  if (isBodyError(error)) {
    return new StorageProviderError("body-malformed", "expected JSON");
  }
  const status =
    error instanceof Error && "statusCode" in error ? error.statusCode : 500;
  switch (status) {
    case 413:
      return new StorageProviderError("too-large", "the body is too large");
    case 415:
      return new StorageProviderError("media-type", "another type is expected");
    case 404:
      return new StorageProviderError("not-found", "no such address");
    case 503:
      return new StorageProviderError("unavailable", "closing down", {
        retryAfterSeconds: 5,
      });
    default:
      return typeof status === "number" && status >= 400 && status < 500
        ? new StorageProviderError(
            "request-malformed",
            "the request cannot be read",
          )
        : new StorageProviderError("internal", "an error of the service");
  }
}

function isBodyError(error: unknown): boolean {
  return (
    error instanceof Error &&
    "statusCode" in error &&
    error.statusCode === 400 &&
    // What Fastify's JSON parser throws, and what it says of an empty or forbidden document.
    (error instanceof SyntaxError ||
      ("code" in error && String(error.code).startsWith("FST_ERR_CTP_")))
  );
}
