/**
 * Texts that an installation of the official SDK (`@xmtp/node-sdk` 6.1.0-nightly.20260726.b649d1a) signed with
 * `signWithInstallationKey`. Its key is not known here.
 */
export const sdkInstallationId =
  "e1fe8edb37659f6651e73607a13e0de0ac849406aeaa7026fb4c967ab0b0cf9d";

export const sdkSignatures: readonly {
  name: string;
  text: string;
  signatureHex: string;
}[] = [
  {
    name: "an empty text",
    text: "",
    signatureHex:
      "01602ab665abb31c1982d4f2ba998e60aaaba596ee2ce54e134afe5061cbd4f008e0ffc8fa15f34b983be83e135e76c7a057b316c71ba84304fa19f8bb6bba04",
  },
  {
    name: "an ASCII text",
    text: "hello",
    signatureHex:
      "bc41507c6dd749fbfb2c8a2fcee63296f0741b19ba8c32079b30f2af767b7db011a1103f8ee1109fe0ba6a9942d732c4d31ff365d0a466b43049a95302ce290d",
  },
  {
    name: "a text of several scripts",
    text: "Grüße 聊天 🚀\n",
    signatureHex:
      "9659cfe5dc0ee140fc065536d24832beac93ee98df38732964fe7f3480842b2c33f0f45f1d9b3fe2dc6dfcc07b6fcbdec3461b6e436ad2ba8cc253c57d44a706",
  },
  {
    name: "a signing text",
    text: `XIP-31 message, version 1
inbox: ${"a1".repeat(32)}
channel: ${"c4".repeat(16)}
installation: ${sdkInstallationId}
payload-sha256: ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad`,
    signatureHex:
      "1efa6e35b5da2a2167f812302f152f6d897048d61872db936cccc5f3b4d9e065d28a6cf3e0dd1af90b2d991b7c68ee7a0b32bc0bfbe1dde137bd2f43c3912700",
  },
];
