import { describe, expect, it } from "vitest";
import { createWalledFetch } from "./walled-fetch.js";

const mls = "https://node.example.org/below/xmtp.mls.api.v1.MlsApi";

type Reach = Parameters<typeof createWalledFetch>[0];

const reading: Reach = {
  keyPackage: "refused",
  otherwise: "error",
  mayWriteTo: () => false,
};

/** A wall, and what came through it. */
function createWall(reach: Reach) {
  const passed: { url: string; method: string; body: number[] }[] = [];
  const walled = createWalledFetch(reach, {
    base: "https://app.example.org/assets/worker.js",
    passOn: async (input, init) => {
      const request = new Request(input, init);
      passed.push({
        url: request.url,
        method: request.method,
        body: [...new Uint8Array(await request.arrayBuffer())],
      });
      return new Response("through");
    },
  });
  return { walled, passed };
}

/** A call of `SendGroupMessages` into one group of four bytes: an MLS private message in its framing. */
function sendTo(group: readonly number[]): Uint8Array<ArrayBuffer> {
  const field = (number: number, bytes: readonly number[]) => [
    number * 8 + 2,
    bytes.length,
    ...bytes,
  ];
  const mlsMessage = [0, 1, 0, 2, group.length, ...group, 9, 9];
  const message = field(1, field(1, field(1, mlsMessage)));
  return new Uint8Array([0, 0, 0, 0, message.length, ...message]);
}

const post = (body: Uint8Array<ArrayBuffer>) => ({ method: "POST", body });

/** The status in the trailers of a gRPC-web answer, and the messages before them. */
async function read(answer: Response) {
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const frames: { flags: number; content: string }[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = new DataView(bytes.buffer).getUint32(at + 1);
    frames.push({
      flags: bytes[at] ?? 0,
      content: new TextDecoder().decode(
        bytes.subarray(at + 5, at + 5 + length),
      ),
    });
    at += 5 + length;
  }
  return frames;
}

const refusal = [
  {
    flags: 0x80,
    content: "grpc-status:7\r\ngrpc-message:writing is switched off\r\n",
  },
];
const emptySuccess = [
  { flags: 0, content: "" },
  { flags: 0x80, content: "grpc-status:0\r\n" },
];

describe("the wall before a library that uses fetch", () => {
  it("lets reading through, as a call was made: with an address, or as a request", async () => {
    const { walled, passed } = createWall(reading);
    const body = new Uint8Array([0, 0, 0, 0, 1, 7]);
    await walled(`${mls}/QueryGroupMessages`, post(body));
    await walled(new URL(`${mls}/QueryGroupMessages`), post(body));
    await walled(new Request(`${mls}/QueryGroupMessages`, post(body)));
    expect(passed).toEqual(
      Array.from({ length: 3 }, () => ({
        url: `${mls}/QueryGroupMessages`,
        method: "POST",
        body: [...body],
      })),
    );
  });

  it("lets the library itself through, and nothing else that is no call", async () => {
    const { walled, passed } = createWall(reading);
    await walled(new URL("https://app.example.org/assets/library.wasm"));
    expect(passed).toHaveLength(1);
    for (const [url, init] of [
      ["https://app.example.org/", {}],
      ["library.wasm", { method: "POST" }],
      [`${mls}/QueryGroupMessages/more`, { method: "POST" }],
    ] as const)
      expect(await read(await walled(url, init))).toEqual(refusal);
    expect(passed).toHaveLength(1);
  });

  it.each(["UploadKeyPackage", "SendGroupMessages", "Unheard"])(
    "refuses %s where nothing may be written",
    async (method) => {
      const { walled, passed } = createWall(reading);
      expect(
        await read(await walled(`${mls}/${method}`, post(sendTo([1, 2])))),
      ).toEqual(refusal);
      expect(passed).toEqual([]);
    },
  );

  it("swallows what goes into groups for a database that is thrown away", async () => {
    const { walled, passed } = createWall({ ...reading, otherwise: "success" });
    for (const method of ["SendGroupMessages", "SendWelcomeMessages"])
      expect(
        await read(await walled(`${mls}/${method}`, post(sendTo([1, 2])))),
      ).toEqual(emptySuccess);
    expect(passed).toEqual([]);
  });

  it("lets through what goes into an open group alone, byte by byte", async () => {
    const { walled, passed } = createWall({
      ...reading,
      mayWriteTo: (group) => group === "0102",
    });
    const open = sendTo([1, 2]);
    await walled(`${mls}/SendGroupMessages`, post(open));
    await walled(`${mls}/SendGroupMessages`, post(sendTo([1, 3])));
    expect(passed.map(({ body }) => body)).toEqual([[...open]]);
  });

  it("lets nothing but the library through where there is no network", async () => {
    const { walled, passed } = createWall({ kind: "offline" });
    expect(
      await read(await walled(`${mls}/QueryGroupMessages`, post(sendTo([1])))),
    ).toEqual(refusal);
    expect(passed).toEqual([]);
  });

  it("says there what a file says of its account, and nothing more", async () => {
    const { walled, passed } = createWall({
      kind: "offline",
      account: {
        identifier: "0xab",
        kind: "ethereum",
        inboxId: "cd".repeat(64),
      },
    });
    const identity =
      "https://node.example.org/xmtp.identity.api.v1.IdentityApi";
    const ask = async (method: string) =>
      await read(await walled(`${identity}/${method}`, post(sendTo([1]))));
    const done = { flags: 0x80, content: "grpc-status:0\r\n" };
    // One response of 139 bytes, in two: the identifier, the inbox in 128 bytes, and "Ethereum".
    const response = `\n\x8b\x01\n\x040xab\x12\x80\x01${"cd".repeat(64)}\x18\x01`;
    const [message, end] = await ask("GetInboxIds");
    expect([message?.flags, end]).toEqual([0x00, done]);
    expect(message?.content).toBe(
      new TextDecoder().decode(
        Uint8Array.from(response, (char) => char.charCodeAt(0)),
      ),
    );
    expect(await ask("GetIdentityUpdates")).toEqual([
      { flags: 0x00, content: "" },
      done,
    ]);
    for (const method of [
      "PublishIdentityUpdate",
      "VerifySmartContractWalletSignatures",
    ])
      expect(await ask(method)).toEqual(refusal);
    expect(
      await read(await walled(`${mls}/QueryGroupMessages`, post(sendTo([1])))),
    ).toEqual(refusal);
    expect(passed).toEqual([]);
  });
});
