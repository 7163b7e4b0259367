import { type Members, readJson } from "./answer-body.js";
import {
  exchange,
  type HttpAnswer,
  type HttpExchange,
} from "./http-exchange.js";
import type { HttpLimits } from "./http-limits.js";
import { parseStorageTarget, type ResolveName } from "./storage-target.js";

/** How to reach storage services. */
export interface Connection {
  readonly limits: HttpLimits;
  /** @throws {CarryoverError} */
  send(url: string, request: StorageRequest): Promise<HttpAnswer>;
}

export type StorageRequest = Omit<
  HttpExchange,
  "limits" | "certificateAuthorities"
>;

/** Checks every URL before it is connected to. */
export function createConnection(
  limits: HttpLimits,
  resolve: ResolveName,
  certificateAuthorities: readonly string[] | undefined,
): Connection {
  return {
    limits,
    send: async (url, request) =>
      exchange(parseStorageTarget(url, resolve), {
        ...request,
        limits,
        certificateAuthorities,
      }),
  };
}

/** The JSON object of an answer that is an error anyway: whatever is wrong with it is no news. */
export async function readProblem(
  answer: HttpAnswer,
  limits: HttpLimits,
): Promise<Members> {
  try {
    return await readJson(answer, limits);
  } catch {
    return {};
  }
}
