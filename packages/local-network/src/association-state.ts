import { createHash } from "node:crypto";
import { toHex } from "./bytes.js";
import {
  type IdentityUpdate,
  type MemberIdentifier,
} from "./gen/xmtp/identity/associations/association_pb.js";

/** Who belongs to an inbox after a number of identity updates. */
export interface AssociationState {
  readonly inboxId: string;
  /** Keys made by `memberKey`. */
  readonly members: ReadonlySet<string>;
}

/** Why an identity update was refused. */
export class AssociationError extends Error {
  override readonly name = "AssociationError";
}

const ethereumPrefix = "ethereum:";

/** The Ethereum address of a member key, or nothing when the member is of another kind. */
export function ethereumAddressOf(key: string): string | undefined {
  return key.startsWith(ethereumPrefix)
    ? key.slice(ethereumPrefix.length)
    : undefined;
}

function memberKey(identifier: MemberIdentifier | undefined): string {
  switch (identifier?.kind.case) {
    case "ethereumAddress":
      return `${ethereumPrefix}${identifier.kind.value}`;
    case "installationPublicKey":
      return `installation:${toHex(identifier.kind.value)}`;
    case "passkey":
      return `passkey:${toHex(identifier.kind.value.key)}`;
    default:
      throw new AssociationError("member identifier is missing");
  }
}

/**
 * Applies one update to the state that came before it (nothing for the first update of an inbox).
 *
 * @throws AssociationError when the update does not fit the state
 */
export function applyIdentityUpdate(
  before: AssociationState | undefined,
  update: IdentityUpdate,
): AssociationState {
  let inboxId = before?.inboxId;
  const members = new Set(before?.members);
  for (const action of update.actions) {
    if (action.kind.case === "createInbox") {
      if (inboxId !== undefined)
        throw new AssociationError("the inbox was created before");
      const { initialIdentifier, nonce } = action.kind.value;
      inboxId = createHash("sha256")
        .update(`${initialIdentifier}${nonce}`)
        .digest("hex");
      members.add(`${ethereumPrefix}${initialIdentifier}`);
      continue;
    }
    if (inboxId === undefined)
      throw new AssociationError("the inbox was not created yet");
    switch (action.kind.case) {
      case "add":
        members.add(memberKey(action.kind.value.newMemberIdentifier));
        break;
      case "revoke":
        members.delete(memberKey(action.kind.value.memberToRevoke));
        break;
      case "changeRecoveryAddress":
        break;
      case undefined:
        throw new AssociationError("identity action is missing");
    }
  }
  if (inboxId === undefined)
    throw new AssociationError("the inbox was not created yet");
  if (inboxId !== update.inboxId)
    throw new AssociationError(
      "the inbox id is not that of its first identifier",
    );
  return { inboxId, members };
}
