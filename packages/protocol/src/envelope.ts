import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { ed25519ph } from "@noble/curves/ed25519.js";
import { maxBackupMessageBytes } from "./content-type.js";
import { ProtocolError } from "./errors.js";
import {
  type PadlockEnvelope as Wire,
  PadlockEnvelopeSchema,
} from "./gen/xip31/v1/xip31_pb.js";
import {
  type ChannelId,
  type InboxId,
  type InstallationId,
  installationIdFromBytes,
  installationIdToBytes,
} from "./ids.js";
import { type ReadResult, required, unknownFieldsOf } from "./read-result.js";
import { signingText } from "./signing-text.js";

/** A signed message as it travels: the payload's exact bytes and who says they wrote them. Not verified yet. */
export interface PadlockEnvelope {
  /** Exact bytes of a `PadlockMessagePayload`. */
  payload: Uint8Array;
  senderInstallationId: InstallationId;
  /** 64 bytes. */
  headerSignature: Uint8Array;
}

const utf8 = new TextEncoder();

/** The context with which XMTP installations sign on behalf of apps (Ed25519ph, RFC 8032 §5.1). */
const signatureContext = utf8.encode("PUBLIC SIGNATURE CONTEXT");

/** The bytes of a signed message. */
export function encodeEnvelope(envelope: PadlockEnvelope): Uint8Array {
  return toBinary(
    PadlockEnvelopeSchema,
    create(PadlockEnvelopeSchema, {
      headerSignature: { bytes: envelope.headerSignature },
      payload: envelope.payload,
      senderInstallationId: installationIdToBytes(
        envelope.senderInstallationId,
      ),
    }),
  );
}

/** @throws {ProtocolError} `tooLarge`, `malformed`, `missingField`, `invalidField` */
export function parseEnvelope(bytes: Uint8Array): ReadResult<PadlockEnvelope> {
  if (bytes.length > maxBackupMessageBytes)
    throw new ProtocolError(
      "tooLarge",
      `envelope: ${bytes.length} bytes, at most ${maxBackupMessageBytes} allowed`,
    );
  const wire = decode(bytes);
  const { headerSignature, payload, senderInstallationId } = wire;
  const signature = required("envelope.headerSignature", headerSignature);
  if (signature.bytes.length !== 64)
    throw new ProtocolError(
      "invalidField",
      `envelope.headerSignature: expected 64 bytes, got ${signature.bytes.length}`,
    );
  if (payload.length === 0)
    throw new ProtocolError("missingField", "envelope.payload: missing");
  return {
    value: {
      payload,
      senderInstallationId: installationIdFromBytes(
        senderInstallationId,
        "envelope.senderInstallationId",
      ),
      headerSignature: signature.bytes,
    },
    unknownFields: [
      ...unknownFieldsOf("envelope", wire),
      ...unknownFieldsOf("envelope.headerSignature", signature),
    ],
  };
}

function decode(bytes: Uint8Array): Wire {
  try {
    return fromBinary(PadlockEnvelopeSchema, bytes);
  } catch (cause) {
    throw new ProtocolError("malformed", "envelope: not a PadlockEnvelope", {
      cause,
    });
  }
}

/**
 * Checks that the installation which the envelope names signed these bytes for this inbox and channel. A signature is
 * no authorization: that the installation belongs to the inbox **now** is for the caller to check.
 *
 * @throws {ProtocolError} `badSignature`
 */
export function verifyEnvelope(
  envelope: PadlockEnvelope,
  place: { inboxId: InboxId; channelId: ChannelId },
): void {
  const { senderInstallationId } = envelope;
  const text = signingText(
    { ...place, senderInstallationId },
    envelope.payload,
  );
  if (
    !verifyInstallationSignature(
      text,
      envelope.headerSignature,
      senderInstallationId,
    )
  )
    throw new ProtocolError(
      "badSignature",
      "envelope.headerSignature: not by this installation for this channel",
    );
}

/**
 * Verifies a text signed with an XMTP installation key, without the SDK.
 *
 * @returns false for anything else, malformed keys and signatures included
 */
export function verifyInstallationSignature(
  text: string,
  signature: Uint8Array,
  installationId: InstallationId,
): boolean {
  try {
    return ed25519ph.verify(
      signature,
      utf8.encode(text),
      installationIdToBytes(installationId),
      {
        context: signatureContext,
        // Strict RFC 8032: small-order keys and non-canonical points are no signatures.
        zip215: false,
      },
    );
  } catch {
    return false;
  }
}
