import { expect, it } from "vitest";
import { compareCopies, type CopyIdentity } from "./compare-copies.js";

const known: CopyIdentity = {
  installationId: "1b".repeat(32),
  sequence: 3,
  refreshedAtNs: 300n,
};

it.each<[string, Partial<CopyIdentity>]>([
  ["same", {}],
  ["older", { sequence: 2, refreshedAtNs: 200n }],
  ["newer", { sequence: 4, refreshedAtNs: 400n }],
  // The clock of the device that refreshed it was behind.
  ["newer", { sequence: 4, refreshedAtNs: 100n }],
  ["diverged", { refreshedAtNs: 301n }],
  ["otherInstallation", { installationId: "1c".repeat(32) }],
  ["otherInstallation", { installationId: "1c".repeat(32), sequence: 9 }],
])("a copy is %s", (relation, change) => {
  expect(compareCopies({ ...known, ...change }, known)).toBe(relation);
});
