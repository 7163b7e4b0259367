import { create, toBinary } from "@bufbuild/protobuf";
import { decodeMessage } from "./decode-message.js";
import { ProtocolError } from "./errors.js";
import { PadlockEnvelopeSchema } from "./gen/xip31/v1/xip31_pb.js";
import {
  type ChannelId,
  type InboxId,
  type InstallationId,
  installationIdFromBytes,
  installationIdToBytes,
} from "./ids.js";
import { type ReadResult, required, unknownFieldsOf } from "./read-result.js";
import { verifyInstallationSignature } from "./installation-signature.js";
import { signingText } from "./signing-text.js";

/** A signed message as it travels: the payload's exact bytes and who says they wrote them. Not verified yet. */
export interface PadlockEnvelope {
  /** Exact bytes of a `PadlockMessagePayload`. */
  payload: Uint8Array;
  senderInstallationId: InstallationId;
  /** 64 bytes. */
  headerSignature: Uint8Array;
}

/**
 * The bytes of a signed message.
 *
 * @throws {ProtocolError} for an envelope that no receiver would accept, as {@link parseEnvelope} does
 */
export function encodeEnvelope(envelope: PadlockEnvelope): Uint8Array {
  const bytes = toBinary(
    PadlockEnvelopeSchema,
    create(PadlockEnvelopeSchema, {
      headerSignature: { bytes: envelope.headerSignature },
      payload: envelope.payload,
      senderInstallationId: installationIdToBytes(
        envelope.senderInstallationId,
      ),
    }),
  );
  parseEnvelope(bytes);
  return bytes;
}

/**
 * Reads the content of a backup message. Nothing in it is to be believed before {@link verifyEnvelope}.
 *
 * @param bytes - at most 65,536
 * @throws {ProtocolError} `tooLarge`, `malformed`, `missingField`, `invalidField`
 */
export function parseEnvelope(bytes: Uint8Array): ReadResult<PadlockEnvelope> {
  const wire = decodeMessage(PadlockEnvelopeSchema, bytes, "envelope");
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
