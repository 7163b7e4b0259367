import { ConnectError } from "@connectrpc/connect";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { eventually } from "./fixtures/eventually.js";
import { LocalNetworkError } from "./errors.js";
import { createManualClock } from "./fixtures/manual-clock.js";
import { privateMessage } from "./fixtures/mls.js";
import {
  clientsOf,
  protocols,
  startNetwork,
  transportTo,
} from "./fixtures/network.js";
import { temporaryDirectory } from "./fixtures/temporary-directory.js";
import { grpcCodeName } from "./grpc-code.js";
import { createLocalNetwork } from "./local-network.js";

const groupId = Buffer.from("0102", "hex");
const message = (text: string) => ({
  version: {
    case: "v1" as const,
    value: { data: privateMessage({ groupId, ciphertext: Buffer.from(text) }) },
  },
});

async function codeOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
    return "ok";
  } catch (error) {
    if (error instanceof LocalNetworkError) return error.code;
    return grpcCodeName(ConnectError.from(error).code);
  }
}

test.each(protocols)(
  "closing ends subscriptions over %s at once, and says that it was the network",
  async (protocol) => {
    const network = await startNetwork();
    const { mls } = clientsOf(transportTo(network, protocol));
    const ends = [1, 2, 3].map(async () => {
      for await (const each of mls.subscribeGroupMessages({
        filters: [{ groupId }],
      }))
        expect(each).toBeUndefined();
    });
    await eventually(() => network.calls.count({ outcome: "open" })).toBe(3);
    const before = performance.now();
    const codes = Promise.all(ends.map(codeOf));
    await network.close();
    expect(performance.now() - before).toBeLessThan(5000);
    expect(await codes).toEqual(["unavailable", "unavailable", "unavailable"]);
    await network.close();
  },
);

test("closing does not wait for a client that holds its connection open", async () => {
  const network = await startNetwork();
  const { mls } = clientsOf(transportTo(network));
  network.faults.inject({ fault: { kind: "drop" } });
  const dropped = codeOf(mls.queryGroupMessages({ groupId }));
  await eventually(() => network.calls.count({ outcome: "open" })).toBe(1);
  const before = performance.now();
  await network.close();
  expect(performance.now() - before).toBeLessThan(5000);
  expect(await dropped).not.toBe("ok");
});

test("a port that is in use is a typed error, and nothing is left behind", async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
  const address = blocker.address();
  const port =
    typeof address === "object" && address !== null ? address.port : 0;
  const directory = temporaryDirectory();
  for (const ports of [
    { grpcPort: port, grpcWebPort: 0 },
    { grpcPort: 0, grpcWebPort: port },
  ])
    expect(await codeOf(createLocalNetwork({ ...ports, directory }))).toBe(
      "portInUse",
    );
  await new Promise((resolve) => blocker.close(resolve));
  // The directory and both ports are free again.
  await startNetwork({ grpcPort: port, directory });
});

test("a host that is not there is a typed error", async () => {
  expect(
    await codeOf(
      createLocalNetwork({ host: "192.0.2.1", grpcPort: 0, grpcWebPort: 0 }),
    ),
  ).toBe("cannotListen");
});

test("errors say whether trying again helps, and what to do", () => {
  const error = new LocalNetworkError("portInUse", "port 1 is in use");
  expect(error.retryable).toBe(true);
  expect(error.advice).toMatch(/port/);
  expect(new LocalNetworkError("corruptLog", "x").retryable).toBe(false);
});

test("after 30 days application messages are gone, commits and numbers stay", async () => {
  const clock = createManualClock();
  const directory = temporaryDirectory();
  const network = await startNetwork({ clock, directory });
  const { mls } = clientsOf(transportTo(network));
  await mls.sendGroupMessages({
    messages: [
      message("old"),
      {
        version: {
          case: "v1",
          value: { data: privateMessage({ groupId, content: "commit" }) },
        },
      },
    ],
  });
  clock.advance(29n * 86_400_000_000_000n);
  await mls.sendGroupMessages({ messages: [message("young")] });
  expect(network.prune().applicationMessages).toBe(0);
  clock.advance(2n * 86_400_000_000_000n);
  expect(network.prune()).toEqual({
    applicationMessages: 1,
    welcomes: 0,
    keyPackages: 0,
  });
  const idsIn = async (mls: ReturnType<typeof clientsOf>["mls"]) =>
    (
      await mls.queryGroupMessages({ groupId, pagingInfo: { direction: 1 } })
    ).messages.map(({ version }) => version.value?.id);
  expect(await idsIn(mls)).toEqual([2n, 3n]);
  expect(network.prune({ applicationMessagesNs: 0n }).applicationMessages).toBe(
    1,
  );
  await network.close();

  const again = clientsOf(
    transportTo(await startNetwork({ clock, directory })),
  ).mls;
  expect(await idsIn(again)).toEqual([2n]);
  await again.sendGroupMessages({ messages: [message("new")] });
  expect(await idsIn(again)).toEqual([2n, 4n]);
});

test("a subscription goes on through a pruning", async () => {
  const clock = createManualClock();
  const network = await startNetwork({ clock });
  const { mls } = clientsOf(transportTo(network));
  const got: (bigint | undefined)[] = [];
  const stop = new AbortController();
  const reading = codeOf(
    (async () => {
      for await (const { version } of mls.subscribeGroupMessages(
        { filters: [{ groupId }] },
        { signal: stop.signal },
      ))
        got.push(version.value?.id);
    })(),
  );
  await mls.sendGroupMessages({ messages: [message("one"), message("two")] });
  await eventually(() => got).toEqual([1n, 2n]);
  clock.advance(1000n);
  network.prune({ applicationMessagesNs: 0n });
  await mls.sendGroupMessages({ messages: [message("three")] });
  await eventually(() => got).toEqual([1n, 2n, 3n]);
  stop.abort();
  expect(await reading).toBe("canceled");
});
