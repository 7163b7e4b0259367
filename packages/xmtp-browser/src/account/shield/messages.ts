import type { KnownAccount } from "@carryover/xmtp-shared/known-account";
import type { FileTree } from "./memory-file-system.js";

// What a page and a shielded worker say to each other, beside what the library's own two halves say. All but the first
// message goes over a port of its own.

/** What a worker may do to the network. */
export type ShieldReach =
  | { kind: "everything" }
  /** Nothing but to load the library itself. With an account, what its file says is answered here. */
  | { kind: "offline"; account?: KnownAccount }
  | {
      kind: "walled";
      keyPackage: "allowed" | "refused";
      otherwise: "error" | "success";
    };

/** The first message to a worker, with a port. */
export interface ShieldSetup {
  carryoverShield: {
    /** Address of the library's own script. */
    script: string;
    reach: ShieldReach;
    files: FileTree;
  };
}

/** From the page, over the port. */
export type ShieldOrder =
  | { id: number; kind: "mayWriteTo"; groupId: string }
  | { id: number; kind: "copyFiles" };

/** From the worker, over the port. */
export type ShieldNote =
  | { kind: "up" }
  | { kind: "failed"; why: string }
  | { kind: "done"; id: number; files?: FileTree };

/** Whether a message is the first one. */
export function isShieldSetup(data: unknown): data is ShieldSetup {
  return typeof data === "object" && data !== null && "carryoverShield" in data;
}
