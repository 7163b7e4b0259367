import { type IdentityUpdate } from "./gen/carryover/local_network/v1/record_pb.js";

/** The identity updates of every inbox, and which inbox an address belongs to. */
export interface InboxIndex {
  append(stored: IdentityUpdate): void;
  /** In order of sequence id. */
  updates(inboxId: string): readonly IdentityUpdate[];
  /** The inbox that an Ethereum address was last associated with and not revoked from. */
  inboxIdOf(address: string): string | undefined;
  /** All updates, in order of sequence id. */
  all(): readonly IdentityUpdate[];
}

interface Association {
  readonly inboxId: string;
  revoked: boolean;
}

/** Creates an empty index. */
export function createInboxIndex(): InboxIndex {
  const all: IdentityUpdate[] = [];
  const byInbox = new Map<string, IdentityUpdate[]>();
  const byAddress = new Map<string, Association[]>();

  return {
    append: (stored) => {
      const inboxId = stored.update?.inboxId ?? "";
      all.push(stored);
      push(byInbox, inboxId, stored);
      for (const address of stored.addedAddresses)
        push(byAddress, address, { inboxId, revoked: false });
      for (const address of stored.removedAddresses) {
        const latest = byAddress
          .get(address)
          ?.findLast((association) => association.inboxId === inboxId);
        if (latest !== undefined) latest.revoked = true;
      }
    },
    updates: (inboxId) => byInbox.get(inboxId) ?? [],
    inboxIdOf: (address) =>
      byAddress.get(address)?.findLast(({ revoked }) => !revoked)?.inboxId,
    all: () => all,
  };
}

function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
