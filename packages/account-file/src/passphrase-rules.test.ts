import { createPortablePorts } from "@carryover/backup-file";
import { describe, expect, it } from "vitest";
import type { AccountFileLimits } from "./limits.js";
import { verifyBackupAccountFile } from "./open-account-file.js";
import { streamOfBytes } from "./testing/bytes.js";
import { codeOf } from "./testing/codes.js";
import { passphraseFile, payloadOf, rawFile } from "./testing/raw-file.js";
import { noise, stanzaRecipient, writeFile } from "./testing/samples.js";
import { database, verify, passphrase } from "./testing/authentic-file.js";

describe("a passphrase's work factor", () => {
  const claimed = (workFactor: string) =>
    rawFile(payloadOf(database), [
      stanzaRecipient(
        ["scrypt", "AAAAAAAAAAAAAAAAAAAAAA", workFactor],
        noise(32),
      ),
    ]);
  let derived = 0;
  const countingPorts = {
    ...createPortablePorts(),
    scrypt: () => {
      derived += 1;
      return Promise.resolve(new Uint8Array(32));
    },
  };
  const open = (file: Uint8Array, limits: Partial<AccountFileLimits> = {}) =>
    codeOf(
      verifyBackupAccountFile({
        file: streamOfBytes(file),
        secret: { kind: "passphrase", passphrase },
        limits,
        ports: countingPorts,
      }),
    );

  it.each(["21", "22", "30", "99", "999999999"])(
    "of %s is refused before any work",
    async (workFactor) => {
      derived = 0;
      expect(await open(await claimed(workFactor))).toBe("workFactorTooHigh");
      expect(derived).toBe(0);
    },
  );

  it("up to 20 is worked at, or less where an app wants", async () => {
    derived = 0;
    expect(await open(await claimed("20"))).toBe("wrongPassphrase");
    expect(derived).toBe(1);
    expect(await open(await claimed("19"), { maxScryptWorkFactor: 18 })).toBe(
      "workFactorTooHigh",
    );
    expect(derived).toBe(1);
  });

  it.each(["0", "015", "-1", "1e3", "18x", "9999999999", "+18"])(
    "of %s is altered",
    async (workFactor) => {
      expect(await open(await claimed(workFactor))).toBe("altered");
    },
  );

  it.each([1, 4, 10])("of %i, as another tool may choose, opens", async (n) => {
    const file = await passphraseFile(database, passphrase, n);
    expect(await verify(file, {}, { kind: "passphrase", passphrase })).toBe(
      "none",
    );
    expect(
      await verify(file, {}, { kind: "passphrase", passphrase: "another" }),
    ).toBe("wrongPassphrase");
  });

  it.each([0, 14, 21, 17.5, NaN])(
    "of %d is not written with",
    async (workFactor) => {
      const protection = {
        kind: "passphrase",
        passphrase,
        workFactor,
      } as const;
      expect(await codeOf(writeFile(database, protection))).toBe(
        "workFactorInvalid",
      );
    },
  );

  it("that the device cannot do is said, not crashed on", async () => {
    const secret_ = { kind: "passphrase", passphrase } as const;
    const ports = {
      ...createPortablePorts(),
      scrypt: () => Promise.reject(new RangeError("out of memory")),
    };
    const file = streamOfBytes(await claimed("20"));
    expect(
      await codeOf(verifyBackupAccountFile({ file, secret: secret_, ports })),
    ).toBe("workFactorTooHigh");
  });
});

describe("a passphrase", () => {
  it.each([
    "",
    "seven77",
    "\ud800 is half a letter",
    // Four letters, though eight characters when each accent is one of its own.
    "e\u0301e\u0301e\u0301e\u0301",
  ])("%j is not written with", async (passphrase) => {
    const protection = { kind: "passphrase", passphrase } as const;
    expect(await codeOf(writeFile(database, protection))).toBe(
      "passphraseInvalid",
    );
  });
});
