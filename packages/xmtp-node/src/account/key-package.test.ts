import { expect, test } from "vitest";
import type { XmtpClient } from "../sdk-values.js";
import { fetchKeyPackage } from "./key-package.js";

/** The one call that is made of a client. */
const observerThat = (
  fetchKeyPackageStatuses: () => Promise<Record<string, unknown>>,
) => ({ fetchKeyPackageStatuses }) as unknown as XmtpClient;

const id = "b2".repeat(32);

test("the library's seconds become nanoseconds", async () => {
  const lifetime = { notBefore: 1_790_000_000n, notAfter: 1_797_257_600n };
  const observer = observerThat(async () => ({ [id]: { lifetime } }));
  expect(await fetchKeyPackage(observer, id)).toEqual({
    createdAtNs: 1_790_000_000_000_000_000n,
    expiresAtNs: 1_797_257_600_000_000_000n,
  });
});

test.each<[string, Record<string, unknown>]>([
  ["nothing", {}],
  [
    "another installation's",
    { ["b3".repeat(32)]: { lifetime: { notBefore: 1n, notAfter: 2n } } },
  ],
  ["one that is not valid", { [id]: { validationError: "expired" } }],
])("of %s there is none", async (_name, statuses) => {
  const observer = observerThat(async () => statuses);
  expect(await fetchKeyPackage(observer, id)).toBeUndefined();
});

test("a network that is away is told as that", async () => {
  const observer = observerThat(() => Promise.reject(new Error("[Api] no")));
  await expect(fetchKeyPackage(observer, id)).rejects.toMatchObject({
    code: "networkUnavailable",
  });
});
