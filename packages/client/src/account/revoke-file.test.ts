import { expect, test } from "vitest";
import { createAccountWorld, errorOf } from "../testing/account-fixture.js";
import { inboxId } from "../testing/installations.js";
import { nobody, sampleSigner } from "../testing/memory-accounts.js";
import { CarryoverError } from "../errors.js";
import { revokeFile } from "./revoke-file.js";
import { noteUnfinished, readUnfinishedNotes } from "./unfinished-notes.js";

async function withFile() {
  const world = await createAccountWorld();
  const { summary } = await world.create();
  const { flow, access, ports } = world;
  ports.network.calls.length = 0;
  const noted = {
    inboxId: summary.inboxId,
    installationId: summary.installationId,
  };
  return {
    ...world,
    noted,
    revoke: () => revokeFile(flow, { ...access, signer: sampleSigner }),
    revokeNoted: (change: Partial<typeof noted> = {}) =>
      revokeFile(flow, { ...noted, ...change, signer: sampleSigner }),
  };
}

test("a file is revoked with the file, or with what was noted of it; the budget is of afterwards", async () => {
  for (const by of ["revoke", "revokeNoted"] as const) {
    const world = await withFile();
    expect(await world[by]()).toMatchObject({
      installationId: world.noted.installationId,
      outcome: "revoked",
      budget: { installations: { used: 3 }, identityUpdates: { used: 5 } },
    });
    expect(world.ports.network.calls).toEqual([
      "fetchAccount",
      "revoke",
      "revoked",
      "fetchAccount",
    ]);
  }
});

test("the note of an unfinished file is struck off with it, and only that; a disk that fails is no reason to say it was not revoked", async () => {
  for (const disk of ["works", "fails"] as const) {
    const world = await withFile();
    const { journal, noted, accounts } = world;
    for (const installationId of [noted.installationId, nobody])
      await noteUnfinished(journal, {
        ...noted,
        installationId,
        environment: accounts.environment,
        startedAtNs: 1n,
        file: "notMade",
      });
    if (disk === "fails")
      journal.delete = async () => {
        throw new CarryoverError("diskError", "a note could not be deleted");
      };
    expect(await world.revokeNoted()).toMatchObject({ outcome: "revoked" });
    const left = (await readUnfinishedNotes(journal)).map(
      ({ installationId }) => installationId,
    );
    expect(left.includes(noted.installationId)).toBe(disk === "fails");
    expect(left).toContain(nobody);
  }
});

test("what is revoked already costs no signature and no identity update", async () => {
  const { revoke, revokeNoted, ports, accounts } = await withFile();
  await revoke();
  const used = accounts.identityUpdatesUsed;
  ports.network.calls.length = 0;
  expect(await revokeNoted()).toMatchObject({ outcome: "alreadyRevoked" });
  expect(await revokeNoted({ installationId: nobody })).toMatchObject({
    outcome: "alreadyRevoked",
  });
  expect(ports.network.calls).toEqual(["fetchAccount", "fetchAccount"]);
  expect(accounts.identityUpdatesUsed).toBe(used);
});

test("a revocation that the network does not show is not called done", async () => {
  const world = await withFile();
  world.accounts.revoke = async () => undefined;
  expect((await errorOf(world.revoke())).code).toBe("networkUnavailable");
});

test("words that are no ids, a file of another network, and a call that was stopped revoke nothing", async () => {
  const world = await withFile();
  expect(
    (await errorOf(world.revokeNoted({ installationId: "all" }))).code,
  ).toBe("invalidOption");
  expect(
    (await errorOf(world.revokeNoted({ inboxId: inboxId.slice(2) }))).code,
  ).toBe("invalidOption");
  world.accounts.environment = "production";
  expect((await errorOf(world.revoke())).code).toBe(
    "accountFileOfAnotherEnvironment",
  );
  const stopped = revokeFile(world.flow, {
    ...world.noted,
    signer: sampleSigner,
    signal: AbortSignal.abort(new Error("stopped")),
  });
  await expect(stopped).rejects.toThrow("stopped");
  expect(world.ports.network.calls).not.toContain("revoke");
});
