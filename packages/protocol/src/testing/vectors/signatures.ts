import {
  nonCanonicalKeys,
  signWithTorsion,
  smallOrderKeys,
  universalSignature,
} from "../odd-keys.js";
import { requester } from "../samples.js";
import { sdkInstallationId, sdkSignatures } from "../sdk-signatures.js";
import { hex } from "../wire-bytes.js";

interface SignatureCase {
  name: string;
  text: string;
  installationId: string;
  signature: string;
  expected: "valid" | "invalid";
}

const cases: SignatureCase[] = [
  ...sdkSignatures.map(({ name, text, signatureHex }) => ({
    name: `by the official SDK: ${name}`,
    text,
    installationId: sdkInstallationId,
    signature: signatureHex,
    expected: "valid" as const,
  })),
  {
    name: "by the secret key of 32 times 01",
    text: "hello",
    installationId: requester.installationId,
    signature: hex(requester.sign("hello")),
    expected: "valid",
  },
  {
    name: "of another text",
    text: "Hello",
    installationId: requester.installationId,
    signature: hex(requester.sign("hello")),
    expected: "invalid",
  },
  ...smallOrderKeys.map((key, n) => ({
    name: `key of small order, ${n} times a point of order 8`,
    text: "any text",
    installationId: hex(key),
    signature: hex(universalSignature),
    expected: "invalid" as const,
  })),
  ...nonCanonicalKeys.map((key, n) => ({
    name: `key that is not written canonically, ${n}`,
    text: "any text",
    installationId: hex(key),
    signature: hex(universalSignature),
    expected: "invalid" as const,
  })),
  ...(["key", "nonce"] as const).map((where) => {
    const { publicKey, signature } = signWithTorsion("hello", where);
    return {
      name: `${where} with a part of small order: valid only with the cofactor`,
      text: "hello",
      installationId: hex(publicKey),
      signature: hex(signature),
      expected: "invalid" as const,
    };
  }),
];

export const signatureVectors = {
  about:
    "Texts signed with installation keys: Ed25519ph with the context PUBLIC SIGNATURE CONTEXT.",
  cases,
};
