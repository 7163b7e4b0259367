import { expect, it } from "vitest";
import { AccountFileError, type AccountFileErrorCode } from "./errors.js";

const codes = Object.keys({
  notAccountFile: 0,
  versionUnsupported: 0,
  truncated: 0,
  altered: 0,
  trailingData: 0,
  headerInvalid: 0,
  compressionInvalid: 0,
  decompressionBomb: 0,
  databaseMismatch: 0,
  tooLarge: 0,
  protectionMismatch: 0,
  passphraseInvalid: 0,
  wrongPassphrase: 0,
  workFactorInvalid: 0,
  workFactorTooHigh: 0,
  walletInputInvalid: 0,
  walletSignatureInvalid: 0,
  walletIsContract: 0,
  walletSignatureMismatch: 0,
  walletNotDeterministic: 0,
  wrongWallet: 0,
  recipientInvalid: 0,
  identityInvalid: 0,
  wrongIdentity: 0,
  databaseInvalid: 0,
  databaseChanged: 0,
  sourceFailed: 0,
  aborted: 0,
} satisfies Record<AccountFileErrorCode, 0>) as AccountFileErrorCode[];

it.each(codes)("%s has one line of advice", (code) => {
  const cause = new Error("below");
  const error = new AccountFileError(code, "field: why", cause);
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: "AccountFileError",
    message: "field: why",
    code,
    cause,
  });
  expect(error.advice).toMatch(/^[A-Z][^\n]*\.$/);
  expect(new AccountFileError(code, "field: why")).not.toHaveProperty("cause");
});

it("what a fresh copy or another try can mend may be tried again", () => {
  const retryable = codes.filter(
    (code) => new AccountFileError(code, "why").retryable,
  );
  expect(retryable).toEqual([
    "truncated",
    "altered",
    "wrongPassphrase",
    "walletSignatureMismatch",
    "wrongWallet",
    "databaseChanged",
    "sourceFailed",
    "aborted",
  ]);
});
