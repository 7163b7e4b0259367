import { bech32 } from "@scure/base";
import {
  Decrypter,
  Encrypter,
  generateHybridIdentity,
  generateX25519Identity,
  identityToRecipient,
} from "age-encryption";
import { describe, expect, it } from "vitest";
import { isAgeIdentity, isAgeRecipient } from "./age-keys.js";
import {
  hybridIdentity,
  hybridRecipient,
  x25519Identity,
  x25519Recipient,
} from "./testing/samples.js";
import { utf8 } from "./testing/wire-bytes.js";

describe.each([
  ["X25519", generateX25519Identity],
  ["hybrid", generateHybridIdentity],
])("%s keys that age makes", (_, generate) => {
  it("are keys here, and open what was sealed to them", async () => {
    const identity = await generate();
    const recipient = await identityToRecipient(identity);
    expect(isAgeIdentity(identity)).toBe(true);
    expect(isAgeRecipient(recipient)).toBe(true);
    expect(isAgeIdentity(recipient)).toBe(false);
    expect(isAgeRecipient(identity)).toBe(false);

    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity);
    const sealed = await encrypter.encrypt(utf8("history"));
    expect(await decrypter.decrypt(sealed, "text")).toBe("history");
  });
});

const bech32Of = (prefix: string, bytes: number) =>
  bech32.encode(prefix, bech32.toWords(new Uint8Array(bytes).fill(7)), false);

it.each<[string, string]>([
  ["nothing", ""],
  ["a prefix", "age1"],
  ["upper case", x25519Recipient.toUpperCase()],
  ["mixed case", x25519Recipient.replace("q", "Q")],
  ["a wrong checksum", x25519Recipient.replace(/.$/, "q")],
  ["a hybrid key with a wrong checksum", hybridRecipient.replace(/.$/, "q")],
  ["a space behind", `${x25519Recipient} `],
  ["31 bytes", bech32Of("age", 31)],
  ["33 bytes", bech32Of("age", 33)],
  ["a hybrid prefix on 32 bytes", bech32Of("age1pq", 32)],
  ["1,215 bytes", bech32Of("age1pq", 1_215)],
  ["an X25519 prefix on 1,216 bytes", bech32Of("age", 1_216)],
  ["a plugin's recipient", bech32Of("age1yubikey", 33)],
  ["a tag recipient", bech32Of("age1tag", 33)],
  ["the word of an object's method", bech32Of("constructor", 32)],
  ["a Bitcoin address", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"],
  ["more than 2,048 characters", bech32Of("age1pq", 1_273)],
  ["60,000 characters", `age1${"q".repeat(60_000)}`],
])("%s is no recipient", (_, text) => {
  expect(isAgeRecipient(text)).toBe(false);
});

it.each<[string, string]>([
  ["nothing", ""],
  ["lower case", x25519Identity.toLowerCase()],
  ["mixed case", x25519Identity.replace("AGE", "age")],
  [
    "a letter that becomes k in lower case",
    hybridIdentity.replace("K", "\u212a"),
  ],
  ["a wrong checksum", hybridIdentity.replace(/.$/, "Q")],
  ["31 bytes", bech32Of("age-secret-key-", 31).toUpperCase()],
  ["another prefix", bech32Of("age-plugin-x-", 32).toUpperCase()],
  ["a line feed behind", `${x25519Identity}\n`],
])("%s is no identity", (_, text) => {
  expect(isAgeIdentity(text)).toBe(false);
});
