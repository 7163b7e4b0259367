import { type Code } from "@connectrpc/connect";
import { type Clock } from "./clock.js";
import { type GrpcCode, grpcCodeName } from "./grpc-code.js";
import { type CallSubjects } from "./call-subjects.js";
import { type MethodName } from "./method-name.js";

/** One call that reached the network. Ids are lower-case hex; there is no content in it. */
export interface Call extends CallSubjects {
  /** From 1 up, in order of arrival; never given out twice, also not after `clear`. */
  readonly number: number;
  readonly method: MethodName;
  readonly protocol: "grpc" | "grpcWeb";
  /** Nanoseconds since the Unix epoch. */
  readonly startedAtNs: bigint;
  readonly endedAtNs?: bigint;
  /** `open` while it runs, as a subscription does; then how it ended. */
  readonly outcome: "open" | "ok" | GrpcCode;
  /** Messages that a subscription has delivered. */
  readonly delivered: number;
}

/** Which calls to look at; everything that is left out matches. */
export interface CallFilter {
  readonly method?: MethodName;
  readonly groupId?: string;
  readonly installationId?: string;
  readonly inboxId?: string;
  readonly outcome?: Call["outcome"];
}

/** The network's own record of the calls it got, for tests to assert on. */
export interface CallLog {
  /** In order of arrival; the oldest are forgotten beyond 100,000. */
  list(filter?: CallFilter): readonly Call[];
  count(filter?: CallFilter): number;
  clear(): void;
}

/** A call on its way. */
export interface CallRecorder {
  readonly call: Call;
  delivered(): void;
  /** `undefined` is success. */
  ended(code: Code | undefined): void;
}

/** The call log with the side that writes it. */
export interface RecordingCallLog extends CallLog {
  begin(
    call: Pick<Call, "method" | "protocol" | keyof CallSubjects>,
  ): CallRecorder;
}

const maxCalls = 100_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Creates an empty log. */
export function createCallLog(clock: Clock): RecordingCallLog {
  let calls: Mutable<Call>[] = [];
  let last = 0;

  const list = (filter: CallFilter = {}): readonly Call[] =>
    calls
      .filter(
        (call) =>
          (filter.method === undefined || call.method === filter.method) &&
          (filter.outcome === undefined || call.outcome === filter.outcome) &&
          (filter.groupId === undefined ||
            call.groupIds.includes(filter.groupId)) &&
          (filter.installationId === undefined ||
            call.installationIds.includes(filter.installationId)) &&
          (filter.inboxId === undefined ||
            call.inboxIds.includes(filter.inboxId)),
      )
      .map((call) => ({ ...call }));

  return {
    list,
    count: (filter) => list(filter).length,
    clear: () => {
      calls = [];
    },
    begin: (known) => {
      last += 1;
      const call: Mutable<Call> = {
        ...known,
        number: last,
        startedAtNs: clock.nowNs(),
        outcome: "open",
        delivered: 0,
      };
      calls.push(call);
      if (calls.length >= maxCalls * 1.1) calls = calls.slice(-maxCalls);
      return {
        call,
        delivered: () => {
          call.delivered += 1;
        },
        ended: (code) => {
          call.outcome = code === undefined ? "ok" : grpcCodeName(code);
          call.endedAtNs = clock.nowNs();
        },
      };
    },
  };
}
