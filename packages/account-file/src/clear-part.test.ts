import { describe, expect, it } from "vitest";
import { inspectBackupAccountFile } from "./inspect-account-file.js";
import { streamOfBytes, utf8 } from "./testing/bytes.js";
import { passphraseFile, payloadOf, rawFile } from "./testing/raw-file.js";
import {
  noise,
  sampleDatabase,
  stanzaRecipient,
  walletKeyOf,
  writeFile,
} from "./testing/samples.js";
import { database, recipient, passphrase } from "./testing/authentic-file.js";

describe("without the secret", () => {
  const inspect = async (file: Uint8Array) =>
    inspectBackupAccountFile({ file: streamOfBytes(file, 7) });

  it("one sees how a file is protected, and nothing else", async () => {
    const container = "age-encryption.org/v1";
    const salt = noise(32);
    expect(
      await inspect(await passphraseFile(database, passphrase, 3)),
    ).toEqual({
      container,
      protection: { kind: "passphrase", workFactor: 3 },
    });
    expect(
      await inspect(
        await writeFile(database, {
          kind: "walletSignature",
          key: await walletKeyOf(9, salt),
        }),
      ),
    ).toEqual({ container, protection: { kind: "walletSignature", salt } });
    expect(
      await inspect(
        await writeFile(database, {
          kind: "recipients",
          recipients: [recipient, recipient],
        }),
      ),
    ).toEqual({
      container,
      protection: { kind: "recipients", stanzaTypes: ["X25519", "X25519"] },
    });
    expect(
      await inspect(
        await rawFile(payloadOf(database), [
          stanzaRecipient(["age-encryption.org/fido2prf", "x"], noise(32)),
        ]),
      ),
    ).toEqual({ container, protection: { kind: "passkey" } });
  });

  it("no id, address, date or network is in the file's clear part", async () => {
    const key = await walletKeyOf(9, noise(32));
    for (const protection of [
      { kind: "passphrase", passphrase: "long enough", workFactor: 15 },
      { kind: "walletSignature", key },
      { kind: "recipients", recipients: [recipient] },
    ] as const) {
      const file = await writeFile(database, protection);
      const clear = Buffer.from(file).toString("latin1");
      for (const word of ["0a0a0a", "1b1b1b", "acacac", "local", "17900"])
        expect(clear.toLowerCase().slice(0, 600)).not.toContain(word);
      expect(clear).not.toContain(key.address.slice(2));
    }
  });

  it("only the first bytes are read, and the file is let go", async () => {
    const file = await writeFile(sampleDatabase(300_000), {
      kind: "recipients",
      recipients: [recipient],
    });
    let pulled = 0;
    let cancelled = false;
    const stream = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          controller.enqueue(file.slice(pulled, pulled + 1000));
          pulled += 1000;
        },
        cancel() {
          cancelled = true;
        },
      },
      { highWaterMark: 0 },
    );
    await inspectBackupAccountFile({ file: stream });
    expect(pulled).toBe(1000);
    expect(cancelled).toBe(true);
  });

  it("names of stanzas are bounded", async () => {
    const many = Array.from({ length: 60 }, (_, n) =>
      stanzaRecipient([`kind-${n}`], utf8("x")),
    );
    const { protection } = await inspect(await rawFile(utf8("x"), many));
    expect(protection).toEqual({
      kind: "recipients",
      stanzaTypes: Array.from({ length: 20 }, (_, n) => `kind-${n}`),
    });
  });
});
