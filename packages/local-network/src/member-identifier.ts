import { toHex } from "./bytes.js";
import {
  IdentifierKind,
  type MemberIdentifier as WireIdentifier,
} from "./gen/xmtp/identity/associations/association_pb.js";
import { IdentityRefusal } from "./identity-refusal.js";

/** What can belong to an inbox. */
export type MemberKind = "ethereum" | "installation" | "passkey";

/** A member of an inbox. `text` is the address, or the key in hex; it is what signature texts show. */
export interface Member {
  readonly kind: MemberKind;
  readonly text: string;
}

/** A string that is equal for equal members. */
export function memberKey(member: Member): string {
  return `${member.kind}:${member.text}`;
}

/** @throws IdentityRefusal when no kind is set */
export function parseMember(wire: WireIdentifier | undefined): Member {
  switch (wire?.kind.case) {
    case "ethereumAddress":
      return { kind: "ethereum", text: wire.kind.value };
    case "installationPublicKey":
      return { kind: "installation", text: toHex(wire.kind.value) };
    case "passkey":
      return { kind: "passkey", text: toHex(wire.kind.value.key) };
    default:
      throw new IdentityRefusal("member identifier is missing");
  }
}

/** A member given as text and kind; clients from before kinds existed mean an Ethereum address. */
export function parseIdentifier(text: string, kind: IdentifierKind): Member {
  if (kind !== IdentifierKind.PASSKEY) return { kind: "ethereum", text };
  if (!/^([0-9a-fA-F]{2})*$/.test(text))
    throw new IdentityRefusal("passkey identifier is not hex");
  return { kind: "passkey", text: text.toLowerCase() };
}
