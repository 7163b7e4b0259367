import { AccountFileError } from "@carryover/account-file";
import { BackupFileError } from "@carryover/backup-file";
import { CarryoverError } from "@carryover/client";
import { expect, test } from "vitest";
import { ConfigError } from "../config/parse-config.js";
import { MakeError } from "../tasks/make/make-error.js";
import { WalletError } from "../wallet/wallet-error.js";
import { problemOf } from "./problem.js";

test.each([
  new CarryoverError("networkUnavailable", "the network is away"),
  new AccountFileError("wrongPassphrase", "the secret does not open the file"),
  new BackupFileError("fileTruncated", "the file ends early"),
  new WalletError("notConfirmed", "the wallet said no"),
  new MakeError("anotherFile"),
])("$name says what happened and what to do", (error) => {
  const problem = problemOf(error);
  expect(problem).toMatchObject({
    code: error.code,
    advice: error.advice,
    retryable: error.retryable,
  });
  expect(problem.message).toMatch(/^[A-Z].*\.$/);
});

test("a wrong setting is told to whoever runs the site", () => {
  expect(
    problemOf(new ConfigError("the file config.json: is no JSON")),
  ).toMatchObject({
    code: "configInvalid",
    message: "The file config.json: is no JSON.",
  });
});

test("what is not ours is not repeated", () => {
  const problem = problemOf(new Error("https://storage/backups/secret-id"));
  expect(JSON.stringify(problem)).not.toContain("secret-id");
  expect(problem.code).toBe("unexpected");
});

test("an installation that no file holds is passed on, with what went wrong", () => {
  const installationId = "ab".repeat(32);
  const cause = new CarryoverError("networkUnavailable", "the network is away");
  expect(
    problemOf(
      new CarryoverError("accountFileFailed", "it failed: networkUnavailable", {
        installationId,
        cause,
      }),
    ),
  ).toMatchObject({ installationId, message: "The network is away." });
});
