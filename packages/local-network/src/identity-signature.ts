import { ed25519ph } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { toHex } from "./bytes.js";
import {
  type RecoverableEd25519Signature,
  type RecoverablePasskeySignature,
  type Signature,
} from "./gen/xmtp/identity/associations/signature_pb.js";
import { IdentityRefusal } from "./identity-refusal.js";
import { type Member } from "./member-identifier.js";

/** A signature that holds, and whose it is. */
export interface VerifiedSignature {
  readonly signer: Member;
  /** What must not be seen twice. */
  readonly replayKey: string;
}

const installationContext = new TextEncoder().encode(
  "IDENTITY UPDATE SIGNATURE",
);

/**
 * Verifies one signature of an identity update over its text.
 *
 * Smart contract wallets and keys of XMTP V2 are refused: the first need a chain, the second no longer occur.
 *
 * @throws IdentityRefusal
 */
export function verifyIdentitySignature(
  signature: Signature | undefined,
  text: string,
): VerifiedSignature {
  switch (signature?.signature.case) {
    case "erc191":
      return verifyEthereum(signature.signature.value.bytes, text);
    case "installationKey":
      return verifyInstallation(signature.signature.value, text);
    case "passkey":
      return verifyPasskey(signature.signature.value, text);
    case "erc6492":
      throw new IdentityRefusal(
        "the local network has no chain to verify a smart contract wallet with",
      );
    case "delegatedErc191":
      throw new IdentityRefusal(
        "the local network does not know keys of XMTP V2",
      );
    default:
      throw new IdentityRefusal("signature is missing");
  }
}

function verifyEthereum(bytes: Uint8Array, text: string): VerifiedSignature {
  if (bytes.length !== 65)
    throw new IdentityRefusal("an Ethereum signature has 65 bytes");
  const message = new TextEncoder().encode(text);
  const prefix = new TextEncoder().encode(
    `\x19Ethereum Signed Message:\n${message.length}`,
  );
  const hash = keccak_256(Buffer.concat([prefix, message]));
  const point = refusing("Ethereum signature is not valid", () => {
    const signature = secp256k1.Signature.fromBytes(
      bytes.subarray(0, 64),
      "compact",
    );
    // The other half would be a second form of the same signature, which replay checks could not see.
    if (signature.hasHighS())
      throw new IdentityRefusal("Ethereum signature is not in its low form");
    return signature
      .addRecoveryBit(recoveryBit(bytes[64] ?? 0))
      .recoverPublicKey(hash)
      .toBytes(false);
  });
  const address = `0x${toHex(keccak_256(point.subarray(1)).subarray(12))}`;
  return {
    signer: { kind: "ethereum", text: address },
    replayKey: toHex(bytes),
  };
}

/** Wallets write the parity as 0 and 1, as 27 and 28, or with the chain in it (EIP-155). */
function recoveryBit(v: number): number {
  if (v <= 1) return v;
  if (v === 27 || v === 28) return v - 27;
  if (v >= 35) return (v - 35) % 2;
  throw new IdentityRefusal("Ethereum signature has no recovery bit");
}

function verifyInstallation(
  { bytes, publicKey }: RecoverableEd25519Signature,
  text: string,
): VerifiedSignature {
  const isValid = refusing("installation signature is not valid", () =>
    ed25519ph.verify(bytes, new TextEncoder().encode(text), publicKey, {
      context: installationContext,
      zip215: false,
    }),
  );
  if (!isValid)
    throw new IdentityRefusal("installation signature is not valid");
  return {
    signer: { kind: "installation", text: toHex(publicKey) },
    replayKey: toHex(bytes),
  };
}

function verifyPasskey(
  signature: RecoverablePasskeySignature,
  text: string,
): VerifiedSignature {
  const clientData = refusing("passkey client data is not JSON", (): unknown =>
    JSON.parse(Buffer.from(signature.clientDataJson).toString("utf8")),
  );
  const challenge =
    typeof clientData === "object" &&
    clientData !== null &&
    "challenge" in clientData
      ? clientData.challenge
      : undefined;
  if (challenge !== Buffer.from(text).toString("base64url"))
    throw new IdentityRefusal("passkey signed another text");
  const signed = Buffer.concat([
    signature.authenticatorData,
    sha256(signature.clientDataJson),
  ]);
  const isValid = refusing("passkey signature is not valid", () =>
    p256.verify(signature.signature, signed, signature.publicKey, {
      format: "der",
      lowS: false,
    }),
  );
  if (!isValid) throw new IdentityRefusal("passkey signature is not valid");
  return {
    signer: { kind: "passkey", text: toHex(signature.publicKey) },
    replayKey: toHex(signature.signature),
  };
}

function refusing<T>(message: string, verify: () => T): T {
  try {
    return verify();
  } catch (cause) {
    if (cause instanceof IdentityRefusal) throw cause;
    throw new IdentityRefusal(message, { cause });
  }
}
