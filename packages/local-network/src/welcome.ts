import { create } from "@bufbuild/protobuf";
import { copyBytes } from "./bytes.js";
import {
  type WelcomeMessage,
  type WelcomeMessageInput,
  WelcomeMessageSchema,
} from "./gen/xmtp/mls/api/v1/mls_pb.js";
import { WelcomeWrapperAlgorithm } from "./gen/xmtp/mls/message_contents/wrapper_algorithm_pb.js";

/** The welcome that subscribers see, of the welcome that was sent. */
export function stampWelcome(
  { version }: WelcomeMessageInput,
  id: bigint,
  createdNs: bigint,
): WelcomeMessage {
  switch (version.case) {
    case "v1": {
      const {
        installationKey,
        data,
        hpkePublicKey,
        wrapperAlgorithm,
        welcomeMetadata,
      } = version.value;
      return create(WelcomeMessageSchema, {
        version: {
          case: "v1",
          value: {
            id,
            createdNs,
            installationKey: copyBytes(installationKey),
            data: copyBytes(data),
            hpkePublicKey: copyBytes(hpkePublicKey),
            // Clients from before there was a choice leave it out.
            wrapperAlgorithm:
              wrapperAlgorithm || WelcomeWrapperAlgorithm.CURVE25519,
            welcomeMetadata: copyBytes(welcomeMetadata),
          },
        },
      });
    }
    case "welcomePointer": {
      const {
        installationKey,
        welcomePointer,
        hpkePublicKey,
        wrapperAlgorithm,
      } = version.value;
      return create(WelcomeMessageSchema, {
        version: {
          case: "welcomePointer",
          value: {
            id,
            createdNs,
            installationKey: copyBytes(installationKey),
            welcomePointer: copyBytes(welcomePointer),
            hpkePublicKey: copyBytes(hpkePublicKey),
            wrapperAlgorithm,
          },
        },
      });
    }
    case undefined:
      throw new TypeError("a welcome has a version");
  }
}

/** What the kinds of welcomes have in common; `topic` is the installation id. */
export function welcomeContent({ version }: WelcomeMessage): {
  id: bigint;
  createdNs: bigint;
  topic: Uint8Array;
  data: Uint8Array;
} {
  if (version.case === undefined)
    throw new TypeError("a welcome has a version");
  const { id, createdNs, installationKey: topic } = version.value;
  const data =
    version.case === "v1" ? version.value.data : version.value.welcomePointer;
  return { id, createdNs, topic, data };
}
