import type { InstallationId } from "@carryover/protocol";
import { CarryoverError } from "../errors.js";
import type { Clock } from "../ports/clock.js";
import type { Installation } from "../ports/installation.js";
import { inboxId, other, self, third } from "./installations.js";

/** 2026-09-21T14:13:20Z. */
export const startNs = 1_790_000_000_000_000_000n;
export const minuteNs = 60_000_000_000n;
export const hourNs = 60n * minuteNs;

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  ns: bigint;
}

export function createManualClock(): ManualClock {
  const clock: ManualClock = {
    ns: startNs,
    nowNs: () => clock.ns,
    wait: (_delayMs, signal) =>
      new Promise<void>((resolve) => {
        if (signal?.aborted === true) resolve();
        signal?.addEventListener("abort", () => resolve(), { once: true });
      }),
  };
  return clock;
}

/** The network's side of one inbox: who belongs to it, whether it answers, and what it was asked. */
export interface MemoryNetwork {
  installations: { installationId: InstallationId; createdAtNs?: bigint }[];
  /** Which calls, by name, do not get through. */
  isDown: (name: string) => boolean;
  /** Every call in order, by name. */
  calls: string[];
  /** Records a call. @throws {CarryoverError} `networkUnavailable` */
  call(name: string): void;
}

export function createMemoryNetwork(): MemoryNetwork {
  const network: MemoryNetwork = {
    installations: [self, other, third].map(({ installationId }) => ({
      installationId,
      createdAtNs: startNs - hourNs,
    })),
    isDown: () => false,
    calls: [],
    call: (name) => {
      network.calls.push(name);
      if (network.isDown(name))
        throw new CarryoverError("networkUnavailable", "no network");
    },
  };
  return network;
}

export function createMemoryInstallation(network: MemoryNetwork): Installation {
  return {
    inboxId,
    installationId: self.installationId,
    environment: "test",
    libraryVersion: "0",
    sign: async (text) => self.sign(text),
    fetchInboxState: async () => {
      network.call("fetchInboxState");
      return { installations: structuredClone(network.installations) };
    },
  };
}
