import { expect, test } from "vitest";
import { statusError } from "./storage-errors.js";

test.each([
  [409, undefined, "uploadAuthorizationUsed"],
  [409, "alreadyUploaded", "uploadAuthorizationUsed"],
  [409, "withdrawn", "uploadAuthorizationWithdrawn"],
  [400, "withdrawn", "storageRefused"],
  [413, undefined, "backupTooLarge"],
  [404, undefined, "storageRefused"],
  ...[408, 421, 425, 429, 500, 503, 507].map(
    (status) => [status, undefined, "storageUnavailable"] as const,
  ),
] as const)("status %d with %s is %s", (status, problem, code) => {
  expect(statusError(status, problem)).toMatchObject({
    code,
    retryable: code === "storageUnavailable",
  });
});
