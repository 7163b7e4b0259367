import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { Decrypter } from "age-encryption";
import { expect, it } from "vitest";
import {
  createKeyPair,
  sampleDatabase,
  sampleHeader,
  walletKeyOf,
  writeFile,
} from "./testing/samples.js";

// What other software makes of a file: nothing of this package but its writer is used.

const database = sampleDatabase(150_000);

/** `head -n 1` and `tail -n +2 | gunzip`. */
const split = (payload: Uint8Array) => {
  const lineFeed = payload.indexOf(10);
  return {
    header: JSON.parse(
      new TextDecoder().decode(payload.subarray(0, lineFeed)),
    ) as Record<string, unknown>,
    database: new Uint8Array(gunzipSync(payload.subarray(lineFeed + 1))),
  };
};

const expectWhole = (payload: Uint8Array) => {
  const opened = split(payload);
  expect(opened.header).toMatchObject({
    format: "carryover/backup-account",
    version: 1,
    role: "BACKUP",
    inboxId: sampleHeader.inboxId,
    createdAtNs: sampleHeader.createdAtNs.toString(),
    database: {
      codec: "gzip",
      sizeBytes: database.length,
      sha256: createHash("sha256").update(database).digest("hex"),
    },
  });
  expect(Buffer.compare(opened.database, database)).toBe(0);
};

it("age and gzip open a passphrase's file", async () => {
  const passphrase = "correct horse battery staple";
  const file = await writeFile(database, {
    kind: "passphrase",
    passphrase,
    workFactor: 15,
  });
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  expectWhole(await decrypter.decrypt(file));
});

it("age and gzip open the file of an age key", async () => {
  const { identity, recipient } = await createKeyPair();
  const file = await writeFile(database, {
    kind: "recipients",
    recipients: [recipient],
  });
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  expectWhole(await decrypter.decrypt(file));
});

it("age and gzip open a wallet's file with the key that comes of its signature", async () => {
  const key = await walletKeyOf(7, new Uint8Array(32).fill(9));
  const file = await writeFile(database, { kind: "walletSignature", key });
  const decrypter = new Decrypter();
  decrypter.addIdentity(key.identity);
  expectWhole(await decrypter.decrypt(file));
});
