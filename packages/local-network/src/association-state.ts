import { createHash } from "node:crypto";
import {
  type AddAssociation,
  type CreateInbox,
  type IdentityAction,
  type IdentityUpdate,
} from "./gen/xmtp/identity/associations/association_pb.js";
import { IdentityRefusal } from "./identity-refusal.js";
import {
  type VerifiedSignature,
  verifyIdentitySignature,
} from "./identity-signature.js";
import { type ActionText, identityText } from "./identity-text.js";
import {
  type Member,
  memberKey,
  parseIdentifier,
  parseMember,
} from "./member-identifier.js";

/** Who belongs to an inbox after a number of identity updates. */
export interface AssociationState {
  readonly inboxId: string;
  /** By `memberKey`. */
  readonly members: ReadonlyMap<string, AssociatedMember>;
  readonly recovery: Member;
  readonly seenSignatures: ReadonlySet<string>;
}

/** A member and, unless it created the inbox, who added it. */
export interface AssociatedMember {
  readonly member: Member;
  readonly addedBy?: string;
}

interface Draft {
  readonly inboxId: string;
  readonly members: Map<string, AssociatedMember>;
  recovery: Member;
}

/**
 * Applies one update to the state before it (nothing before the first update of an inbox), with every check of
 * signatures, roles and replay that the real node makes. All or nothing.
 *
 * @throws IdentityRefusal
 */
export function applyIdentityUpdate(
  before: AssociationState | undefined,
  update: IdentityUpdate,
): AssociationState {
  const text = identityText(
    update.inboxId,
    update.clientTimestampNs,
    update.actions.map(actionText),
  );
  const verified = update.actions.map((action) =>
    signaturesOf(action).map((signature) =>
      verifyIdentitySignature(signature, text),
    ),
  );

  let draft: Draft | undefined = before && {
    inboxId: before.inboxId,
    members: new Map(before.members),
    recovery: before.recovery,
  };
  update.actions.forEach((action, index) => {
    const signatures = verified[index] ?? [];
    const isReplay = signatures.some(({ replayKey }) =>
      before?.seenSignatures.has(replayKey),
    );
    draft = applyAction(draft, action, signatures, isReplay);
  });
  if (draft === undefined)
    throw new IdentityRefusal("the inbox was not created yet");
  if (draft.inboxId !== update.inboxId)
    throw new IdentityRefusal("wrong inbox id");
  return {
    ...draft,
    seenSignatures: new Set([
      ...(before?.seenSignatures ?? []),
      ...verified.flat().map(({ replayKey }) => replayKey),
    ]),
  };
}

function applyAction(
  state: Draft | undefined,
  { kind }: IdentityAction,
  signatures: readonly VerifiedSignature[],
  isReplay: boolean,
): Draft {
  const [first, second] = signatures;
  if (kind.case === undefined || first === undefined)
    throw new IdentityRefusal("action is missing");
  if (kind.case === "createInbox") {
    if (state !== undefined)
      throw new IdentityRefusal("the inbox was created before");
    return createInbox(kind.value, first.signer);
  }
  if (state === undefined)
    throw new IdentityRefusal("the inbox was not created yet");
  if (isReplay) throw new IdentityRefusal("replayed signature");
  if (kind.case === "add") {
    if (second === undefined) throw new IdentityRefusal("signature is missing");
    add(state, kind.value, first.signer, second.signer);
    return state;
  }
  if (memberKey(first.signer) !== memberKey(state.recovery))
    throw new IdentityRefusal("only the recovery identifier may do this");
  if (kind.case === "revoke") {
    const revoked = memberKey(parseMember(kind.value.memberToRevoke));
    state.members.delete(revoked);
    for (const [key, { member, addedBy }] of state.members)
      if (member.kind === "installation" && addedBy === revoked)
        state.members.delete(key);
  } else {
    state.recovery = parseIdentifier(
      kind.value.newRecoveryIdentifier,
      kind.value.newRecoveryIdentifierKind,
    );
  }
  return state;
}

function createInbox(action: CreateInbox, signer: Member): Draft {
  const owner = ownerOf(action);
  if (memberKey(signer) !== memberKey(owner))
    throw new IdentityRefusal("the inbox is not created by its owner");
  if (owner.kind === "ethereum" && !/^0x[0-9a-fA-F]{40}$/.test(owner.text))
    throw new IdentityRefusal("the owner is not an Ethereum address");
  return {
    inboxId: createHash("sha256")
      .update(`${owner.text}${action.nonce}`)
      .digest("hex"),
    members: new Map([[memberKey(owner), { member: owner }]]),
    recovery: owner,
  };
}

function add(
  state: Draft,
  action: AddAssociation,
  existing: Member,
  added: Member,
): void {
  const named = parseMember(action.newMemberIdentifier);
  if (memberKey(named) !== memberKey(added))
    throw new IdentityRefusal("the new member did not sign");
  if (memberKey(existing) === memberKey(added))
    throw new IdentityRefusal("a member cannot add itself");
  if (
    !state.members.has(memberKey(existing)) &&
    memberKey(existing) !== memberKey(state.recovery)
  )
    throw new IdentityRefusal("missing existing member");
  if (existing.kind === "installation" && added.kind === "installation")
    throw new IdentityRefusal("an installation cannot add an installation");
  state.members.set(memberKey(added), {
    member: added,
    addedBy: memberKey(existing),
  });
}

function ownerOf(action: CreateInbox): Member {
  return parseIdentifier(
    action.initialIdentifier,
    action.initialIdentifierKind,
  );
}

/** In the order that `applyAction` takes them. */
function signaturesOf({ kind }: IdentityAction) {
  switch (kind.case) {
    case "createInbox":
      return [kind.value.initialIdentifierSignature];
    case "add":
      return [
        kind.value.existingMemberSignature,
        kind.value.newMemberSignature,
      ];
    case "revoke":
      return [kind.value.recoveryIdentifierSignature];
    case "changeRecoveryAddress":
      return [kind.value.existingRecoveryIdentifierSignature];
    case undefined:
      return [];
  }
}

function actionText({ kind }: IdentityAction): ActionText {
  switch (kind.case) {
    case "createInbox":
      return { kind: "createInbox", owner: ownerOf(kind.value) };
    case "add":
      return {
        kind: "add",
        member: parseMember(kind.value.newMemberIdentifier),
      };
    case "revoke":
      return { kind: "revoke", member: parseMember(kind.value.memberToRevoke) };
    case "changeRecoveryAddress":
      return {
        kind: "changeRecovery",
        recovery: parseIdentifier(
          kind.value.newRecoveryIdentifier,
          kind.value.newRecoveryIdentifierKind,
        ),
      };
    case undefined:
      throw new IdentityRefusal("action is missing");
  }
}
