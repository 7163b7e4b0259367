/** Whether an allowance held, and if not, when to come back. */
export type Allowance =
  | { readonly state: "granted" }
  | { readonly state: "exhausted"; readonly retryAfterSeconds: number };

/** A place among those that may do something at the same time. */
export interface Slot {
  /** Gives it back. Safe to call again; never throws. */
  release(): Promise<void>;
}

/**
 * What limits remember. In the memory of one process, or shared by many; both run one contract suite. Keys name
 * addresses, API keys and inboxes and are never logged.
 */
export interface LimitStore {
  /**
   * Takes from an allowance that is given back evenly within an hour and can be used up in one burst.
   *
   * @throws StorageProviderError `unavailable` where the store does not answer
   */
  take(key: string, amount: number, perHour: number): Promise<Allowance>;
  /**
   * @returns a slot, or `undefined` where `max` are taken
   * @throws StorageProviderError `unavailable`
   */
  enter(key: string, max: number): Promise<Slot | undefined>;
  /**
   * @returns `first` the first time within `lifetimeMs`, else `again`
   * @throws StorageProviderError `unavailable`
   */
  once(key: string, lifetimeMs: number): Promise<"first" | "again">;
  /** @throws StorageProviderError `unavailable` */
  probe(): Promise<void>;
  /** Lets go of everything held open. */
  close(): Promise<void>;
}
