/**
 * Small notes that outlive the process, each a text under a name of the form `[a-z0-9-]{1,80}`. Several tabs or processes may
 * have the same one open. Every call may throw a `CarryoverError` `diskError`.
 */
export interface Journal {
  /** What there are notes under, in no order. */
  names(): Promise<string[]>;
  /** @returns `undefined` where there is none */
  read(name: string): Promise<string | undefined>;
  /** Puts a text in the place of what was noted, durably. Whenever the process dies it is the old or the new one, whole. */
  write(name: string, text: string): Promise<void>;
  /** Deletes a note; nothing happens when there is none. */
  delete(name: string): Promise<void>;
}
