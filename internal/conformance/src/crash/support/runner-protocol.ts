import type {
  ImportReport,
  InboundRequest,
  OutboundRequest,
  ResponseReport,
  SyncReport,
} from "@carryover/xmtp-node";

/** Where an installation is, and when its process dies. */
export interface RunnerSetup {
  apiUrl: string;
  databasePath: string;
  /** Of the wallet: lower-case hex. */
  address: string;
  /** Of Carryover. */
  directory: string;
  encryptionKey: Uint8Array;
  storageUrl: string;
  /** The number of the step, from 1 up; never when it is left out. */
  killAtStep?: number;
}

/** What a runner can be told to do, and what comes of it. */
export interface RunnerCalls {
  request: { args: []; result: OutboundRequest[] };
  sync: { args: []; result: SyncReport };
  approve: { args: [requestId: string]; result: ResponseReport };
  apply: { args: [requestId: string]; result: ImportReport };
  outbound: { args: []; result: OutboundRequest[] };
  inbound: { args: []; result: InboundRequest[] };
  close: { args: []; result: undefined };
}

export type CallName = keyof RunnerCalls;

export type ToRunner =
  | { kind: "open"; setup: RunnerSetup }
  | { kind: "call"; id: number; name: CallName; args: unknown[] };

export type FromRunner =
  | { kind: "opened" }
  | { kind: "step"; name: string }
  | { kind: "result"; id: number; result: unknown }
  | {
      kind: "failed";
      /** Absent for a failure to open. */
      id?: number;
      code: string;
      message: string;
      retryable: boolean;
    };
