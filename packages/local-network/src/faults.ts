import { setTimeout as delay } from "node:timers/promises";
import { ConnectError, Code } from "@connectrpc/connect";
import { type Call } from "./call-log.js";
import { type GrpcCode, grpcCodeNumber } from "./grpc-code.js";
import { type MethodName } from "./method-name.js";

/** What goes wrong. */
export type Fault =
  /** Goes on after `delayMs` milliseconds. */
  | { readonly kind: "delay"; readonly delayMs: number }
  /** Goes on once `until` is kept, unless the client gives up before. */
  | { readonly kind: "hold"; readonly until: Promise<void> }
  /** Ends the call with a gRPC status. */
  | {
      readonly kind: "error";
      readonly code: GrpcCode;
      readonly message?: string;
    }
  /** Never says anything again; the client must give up by itself. */
  | { readonly kind: "drop" }
  /** Tears the connection down, with everything else on it. */
  | { readonly kind: "disconnect" };

/** Which calls a fault hits, and when. */
export interface FaultRule {
  readonly fault: Fault;
  /** All methods when left out. */
  readonly method?: MethodName | readonly MethodName[];
  /** Narrows the calls down further. */
  readonly when?: (call: Call) => boolean;
  /** Default `once`. */
  readonly times?: "once" | "untilCleared";
  /**
   * `request`: before the call takes effect. `reply`: it has taken effect, but its answer is hit; of a subscription,
   * the next message that would be delivered. Default `request`.
   */
  readonly at?: "request" | "reply";
  /** With `reply` on a subscription: messages to deliver first. Default 0. */
  readonly afterMessages?: number;
}

/** A fault that was injected. */
export interface InjectedFault {
  /** Calls (of a subscription: messages) that it has hit so far. */
  readonly hits: number;
  clear(): void;
}

/** Makes the network fail in ways that tests choose. */
export interface FaultInjection {
  /** Faults are tried in the order of injection; the first that matches hits. */
  inject(rule: FaultRule): InjectedFault;
  /** Tears down every connection that is open now; new ones are welcome. Returns how many there were. */
  disconnectAll(): number;
  /** While `unreachable`, open connections are torn down and new ones are reset. */
  setReachability(reachability: "reachable" | "unreachable"): void;
  /** Ends all faults and makes the network reachable. */
  clear(): void;
}

/** What the faults need of the sockets. */
export interface Connections {
  disconnectAll(): number;
  setAccepting(accepting: boolean): void;
}

/** Where a call is, and what can be done to it. */
export interface CallInFlight {
  readonly call: Call;
  readonly at: "request" | "reply";
  readonly signal: AbortSignal;
  disconnect(): void;
}

/** The faults with the side that suffers them. */
export interface ActiveFaults extends FaultInjection {
  /** Returns when the call may go on. */
  suffer(inFlight: CallInFlight): Promise<void>;
}

interface ActiveRule {
  readonly rule: FaultRule;
  hits: number;
}

/** Starts with no faults. */
export function createFaults(connections: Connections): ActiveFaults {
  let active: ActiveRule[] = [];

  const take = ({ call, at }: CallInFlight): Fault | undefined => {
    const found = active.find(({ rule }) => matches(rule, call, at));
    if (found === undefined) return undefined;
    found.hits += 1;
    if (found.rule.times !== "untilCleared")
      active = active.filter((other) => other !== found);
    return found.rule.fault;
  };

  return {
    inject: (rule) => {
      const entry: ActiveRule = { rule, hits: 0 };
      active.push(entry);
      return {
        get hits() {
          return entry.hits;
        },
        clear: () => {
          active = active.filter((other) => other !== entry);
        },
      };
    },
    disconnectAll: () => connections.disconnectAll(),
    setReachability: (reachability) => {
      connections.setAccepting(reachability === "reachable");
      if (reachability === "unreachable") connections.disconnectAll();
    },
    clear: () => {
      active = [];
      connections.setAccepting(true);
    },
    suffer: async (inFlight) => {
      const fault = take(inFlight);
      switch (fault?.kind) {
        case undefined:
          return;
        case "delay":
          await delay(fault.delayMs, undefined, { signal: inFlight.signal });
          return;
        case "hold":
          await Promise.race([fault.until, aborted(inFlight.signal)]);
          inFlight.signal.throwIfAborted();
          return;
        case "error":
          throw new ConnectError(
            fault.message ?? "injected fault",
            grpcCodeNumber(fault.code),
          );
        case "drop":
          await aborted(inFlight.signal);
          throw new ConnectError("injected drop", Code.Aborted);
        case "disconnect":
          inFlight.disconnect();
          throw new ConnectError("injected disconnect", Code.Aborted);
      }
    },
  };
}

function matches(rule: FaultRule, call: Call, at: "request" | "reply") {
  const { method, when } = rule;
  return (
    (rule.at ?? "request") === at &&
    call.delivered >= (rule.afterMessages ?? 0) &&
    (method === undefined ||
      method === call.method ||
      (typeof method !== "string" && method.includes(call.method))) &&
    (when === undefined || when(call))
  );
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
