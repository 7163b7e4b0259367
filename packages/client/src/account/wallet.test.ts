import { expect, test } from "vitest";
import {
  createAccountWorld,
  errorOf,
  passphrase,
} from "../testing/account-fixture.js";
import { sampleWallet } from "../testing/sample-wallet.js";
import { inspectFile } from "./inspect-file.js";
import { refreshFile } from "./refresh-file.js";

async function withWalletFile() {
  const world = await createAccountWorld();
  const wallet = sampleWallet(7);
  const { signer } = wallet;
  await world.create({ protection: { kind: "wallet", signer } });
  return { ...world, wallet };
}

test("a new file asks for the same signature twice, an existing one for one", async () => {
  const { wallet, flow, place } = await withWalletFile();
  expect(wallet.texts).toHaveLength(2);
  expect(new Set(wallet.texts).size).toBe(1);
  const { signer } = wallet;
  const inspected = await inspectFile(flow, {
    file: place,
    secret: { kind: "wallet", signer },
  });
  expect(inspected.contents?.header.sequence).toBe(1);
  expect(wallet.texts).toHaveLength(3);
  expect(new Set(wallet.texts).size).toBe(1);
  expect(wallet.texts[0]).toContain("Never sign it on any other website");
});

test("a refresh needs no second signature: the newer file has the same key", async () => {
  const { wallet, flow, place } = await withWalletFile();
  const secret = { kind: "wallet", signer: wallet.signer } as const;
  await refreshFile(flow, { file: place, secret });
  expect(wallet.texts).toHaveLength(3);
  const inspected = await inspectFile(flow, { file: place, secret });
  expect(inspected.contents?.header.sequence).toBe(2);
});

test("each new file asks with a salt of its own", async () => {
  const texts = [];
  for (let file = 0; file < 2; file += 1)
    texts.push((await withWalletFile()).wallet.texts[0]);
  expect(new Set(texts).size).toBe(2);
});

test("a wallet that signs differently every time is refused before anything is registered", async () => {
  const world = await createAccountWorld();
  const wallet = sampleWallet(7);
  wallet.entropy = "random";
  const { signer } = wallet;
  const { code } = await errorOf(
    world.create({ protection: { kind: "wallet", signer } }),
  );
  expect(code).toBe("walletNotDeterministic");
  expect(world.ports.network.calls).toEqual([]);
});

test.each([1, 2])(
  "a person who does not sign the %i. time is understood, and nothing is registered",
  async (time) => {
    const world = await createAccountWorld();
    const wallet = sampleWallet(7);
    wallet.ask = () => {
      if (wallet.texts.length === time) throw new Error("user rejected");
    };
    const { signer } = wallet;
    const { code } = await errorOf(
      world.create({ protection: { kind: "wallet", signer } }),
    );
    expect(code).toBe("walletRefused");
    expect(world.ports.network.calls).toEqual([]);
  },
);

test("a smart-contract wallet is refused before it is asked", async () => {
  const world = await createAccountWorld();
  const wallet = sampleWallet(7);
  const signer = {
    ...wallet.signer,
    type: "SCW",
    getChainId: () => 1n,
  } as const;
  const { code } = await errorOf(
    world.create({ protection: { kind: "wallet", signer } }),
  );
  expect(code).toBe("walletIsContract");
  expect(wallet.texts).toEqual([]);
});

test("another wallet does not open the file, nor one that says it is the first", async () => {
  const { wallet, flow, place } = await withWalletFile();
  const other = sampleWallet(8);
  const inspect = (signer: typeof other.signer) =>
    errorOf(
      inspectFile(flow, { file: place, secret: { kind: "wallet", signer } }),
    );
  expect((await inspect(other.signer)).code).toBe("wrongWallet");
  const liar = {
    ...other.signer,
    getIdentifier: () => wallet.signer.getIdentifier(),
  };
  expect((await inspect(liar)).code).toBe("walletSignatureMismatch");
});

test("a wallet is not asked to sign for a file that does not ask for it, and the other way round", async () => {
  const world = await createAccountWorld();
  await world.create();
  const { signer, texts } = sampleWallet(7);
  const secret = { kind: "wallet", signer } as const;
  const { code } = await errorOf(
    inspectFile(world.flow, { file: world.place, secret }),
  );
  expect(code).toBe("protectionMismatch");
  expect(texts).toEqual([]);
  const { flow, place } = await withWalletFile();
  const wrong = { kind: "passphrase", passphrase } as const;
  expect(
    (await errorOf(inspectFile(flow, { file: place, secret: wrong }))).code,
  ).toBe("protectionMismatch");
});
