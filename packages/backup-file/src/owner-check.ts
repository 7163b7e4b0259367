import type { BackupElementRecord } from "./element/view.js";

/**
 * Whether elements can be of an inbox.
 *
 * `foreign`: they have a DM in which that inbox does not take part. `consistent`: it takes part in every DM. `unknown`:
 * there is no DM, and nothing else in XMTP's elements says whose they are.
 */
export type OwnerVerdict = "foreign" | "consistent" | "unknown";

/** Looks for signs that elements are of another inbox. */
export interface OwnerCheck {
  add(record: BackupElementRecord): void;
  /** The verdict on what was added so far. */
  verdict(): OwnerVerdict;
}

/**
 * A check against one inbox.
 *
 * An XMTP archive does not name its owner: its metadata has only a time and what was selected. What gives it away is
 * that every DM names its two inboxes, one of which is the owner's. A Message Backup File names the owner in its header,
 * which its producer could have got wrong: check both.
 */
export const createOwnerCheck = (inboxId: string): OwnerCheck => {
  let verdict: OwnerVerdict = "unknown";
  return {
    add({ view }) {
      if (view.kind !== "group" || view.dmId === undefined) return;
      const [prefix, ...members] = view.dmId.split(":");
      if (prefix !== "dm" || !members.includes(inboxId)) verdict = "foreign";
      else if (verdict === "unknown") verdict = "consistent";
    },
    verdict: () => verdict,
  };
};
