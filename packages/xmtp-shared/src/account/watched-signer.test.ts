import { CarryoverError } from "@carryover/client";
import { describe, expect, it } from "vitest";
import { watchSigner } from "./watched-signer.js";

const signature = new Uint8Array(65).fill(1);
const signerThat = (signMessage: () => Uint8Array | Promise<Uint8Array>) => ({
  type: "EOA" as const,
  getIdentifier: () => ({ identifier: "0xac", identifierKind: 0 }),
  signMessage,
});

describe("watchSigner", () => {
  it("hands on what the wallet says and what the work gives", async () => {
    const { signer, ...watched } = watchSigner(signerThat(() => signature));
    expect(await watched.run(async () => signer.signMessage("text"))).toBe(
      signature,
    );
    expect(await signer.getIdentifier()).toEqual({
      identifier: "0xac",
      identifierKind: 0,
    });
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("user rejected");
      },
    ],
    ["rejects", () => Promise.reject(new Error("user rejected"))],
  ])(
    "tells a wallet that %s, in whatever words the library passes it on",
    async (_, no) => {
      const { signer, ...watched } = watchSigner(signerThat(no));
      const error = await watched
        .run(async () => {
          await Promise.resolve(signer.signMessage("text")).catch(
            () => undefined,
          );
          throw new Error("[Client] something about a builder");
        })
        .catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(CarryoverError);
      expect(error).toMatchObject({
        code: "walletRefused",
        cause: { message: "user rejected" },
      });
    },
  );

  it("leaves other failures as they are, and success a success", async () => {
    const { signer, ...watched } = watchSigner(signerThat(() => signature));
    const failure = new Error("no network");
    await expect(
      watched.run(async () => {
        await signer.signMessage("text");
        throw failure;
      }),
    ).rejects.toBe(failure);
  });

  it("says whether the wallet is still to answer", async () => {
    let answer: (signature: Uint8Array) => void = () => undefined;
    const { signer, isAsked } = watchSigner(
      signerThat(
        () =>
          new Promise((resolve) => {
            answer = resolve;
          }),
      ),
    );
    expect(isAsked()).toBe(false);
    const signing = signer.signMessage("text");
    expect(isAsked()).toBe(true);
    answer(signature);
    await signing;
    expect(isAsked()).toBe(false);
  });
});
