import { expect, test } from "vitest";
import {
  createAccountWorld,
  errorOf,
  passphrase,
} from "../testing/account-fixture.js";
import { createMemoryPlace } from "../testing/memory-accounts.js";
import { inspectFile } from "./inspect-file.js";

test("without the secret: size and protection, and nothing of what is inside", async () => {
  const world = await createAccountWorld();
  await world.create();
  expect(await inspectFile(world.flow, { file: world.place })).toEqual({
    sizeBytes: world.place.bytes?.length,
    protection: { kind: "passphrase", workFactor: 18 },
  });
});

test("with the secret: what the file is, and how long it is good for; no network is asked", async () => {
  const world = await createAccountWorld();
  const { summary } = await world.create();
  world.ports.network.calls.length = 0;
  world.ports.clock.ns += 86_400_000_000_000n;
  expect(await inspectFile(world.flow, world.access)).toMatchObject({
    sizeBytes: world.place.bytes?.length,
    contents: {
      summary,
      header: { role: "BACKUP", sequence: 1 },
      daysLeft: { daysLeft: 29, state: "good" },
      unknownFields: [],
    },
  });
  expect(world.ports.network.calls).toEqual([]);
});

test("nothing is said of the inside of a file that is not whole", async () => {
  const world = await createAccountWorld();
  await world.create();
  world.place.bytes = world.place.bytes?.subarray(0, -1);
  expect((await errorOf(inspectFile(world.flow, world.access))).code).toBe(
    "truncated",
  );
  const wrong = {
    kind: "passphrase",
    passphrase: passphrase.toUpperCase(),
  } as const;
  expect(
    (
      await errorOf(
        inspectFile(world.flow, { file: world.place, secret: wrong }),
      )
    ).code,
  ).toBe("wrongPassphrase");
  expect(
    (await errorOf(inspectFile(world.flow, { file: createMemoryPlace() })))
      .code,
  ).toBe("accountFileNotFound");
});
