/** One answered request, as logs and tests see it: no id, ticket, key or address in it. */
export interface RequestRecord {
  readonly method: string;
  /** The pattern of the route, such as `/backups/:id`; `unknown` where none matched. */
  readonly route: string;
  /** Status sent; 0 where the connection ended before one was. */
  readonly status: number;
  /** Bytes received for it, headers included. */
  readonly receivedBytes: number;
  /** Bytes sent for it, headers included. */
  readonly sentBytes: number;
  /** From the request's headers to the end of the answer, in milliseconds. */
  readonly durationMs: number;
}

/** A line of the log. */
export interface LogEvent {
  readonly level: "info" | "warn" | "error";
  readonly event:
    | "listening"
    | "request"
    | "purge"
    | "purge-failed"
    | "internal-error"
    | "stopped";
  /** What belongs to the event: numbers, words of this service, names of error codes; nothing that a client sent. */
  readonly fields: Readonly<Record<string, string | number>>;
}

/** Takes the lines of the log. */
export type ProviderLogger = (event: LogEvent) => void;
