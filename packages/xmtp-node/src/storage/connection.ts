import type { StorageAnswer } from "@carryover/xmtp-shared";
import { readJson } from "./answer-body.js";
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

/** An answer as what is common to all SDKs reads it. */
export function asStorageAnswer(
  answer: HttpAnswer,
  limits: HttpLimits,
): StorageAnswer {
  return {
    status: answer.status,
    drop: answer.drop,
    readJson: () => readJson(answer, limits),
  };
}
