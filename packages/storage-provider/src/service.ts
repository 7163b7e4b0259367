import type { Authorizer } from "./authorization.js";
import type { BlobStore } from "./blob-store.js";
import type { Limits } from "./limits.js";
import type { Metrics } from "./metrics.js";
import type { PaceLimits } from "./read-body.js";
import type { TicketOffice } from "./ticket.js";

/** Reads the time. */
export interface ProviderClock {
  /** @returns Unix time in milliseconds */
  nowMs(): number;
}

/** Where an upload stands when a test looks at it. */
export type UploadStep = "accepted" | "received" | "stored";

/** Lets tests fail a transfer at an exact point. Not for production. */
export interface ProviderHooks {
  /**
   * `accepted`: the ticket is good, nothing is read · `received`: the last byte is read, nothing is kept · `stored`: kept,
   * not answered. `drop` cuts the connection.
   */
  readonly uploadStep?: (step: UploadStep) => Promise<"continue" | "drop">;
  /** Asked for every piece of a download; `drop` cuts the connection before that piece. */
  readonly downloadPiece?: (sentBytes: number) => Promise<"continue" | "drop">;
}

/** What every route works with. */
export interface Service {
  readonly store: BlobStore;
  readonly tickets: TicketOffice;
  readonly authorizer: Authorizer;
  readonly limits: Limits;
  readonly metrics: Metrics;
  readonly clock: ProviderClock;
  readonly pace: PaceLimits;
  readonly hooks: ProviderHooks;
  /** Largest file, in bytes. */
  readonly maxBytes: number;
  /** How long files are kept, in milliseconds. */
  readonly retentionMs: number;
  /** How long a ticket is good, in milliseconds; at most {@link Service.retentionMs}. */
  readonly ticketLifetimeMs: number;
  /** Absolute address of a path of this service, without a slash at its end. */
  publicUrl(): string;
}
