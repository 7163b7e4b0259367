import { ConnectError } from "@connectrpc/connect";
import { expect, test } from "vitest";
import { eventually } from "./fixtures/eventually.js";
import { privateMessage } from "./fixtures/mls.js";
import {
  clientsOf,
  protocols,
  startNetwork,
  transportTo,
} from "./fixtures/network.js";
import { grpcCodeName } from "./grpc-code.js";
import { type LocalNetwork } from "./local-network.js";

const groupId = Buffer.from("0102", "hex");

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "ok";
  } catch (error) {
    const { code } = ConnectError.from(error);
    return grpcCodeName(code);
  }
}

async function start(protocol: (typeof protocols)[number]) {
  const network = await startNetwork();
  const { mls } = clientsOf(transportTo(network, protocol));
  const send = (text: string) =>
    outcomeOf(
      mls.sendGroupMessages({
        messages: [
          {
            version: {
              case: "v1",
              value: {
                data: privateMessage({
                  groupId,
                  ciphertext: Buffer.from(text),
                }),
              },
            },
          },
        ],
      }),
    );
  const query = () => outcomeOf(mls.queryGroupMessages({ groupId }));
  const stored = async () =>
    (await mls.queryGroupMessages({ groupId })).messages.length;
  /** Ids that arrive, until the stream ends. */
  const subscribe = () => {
    const got: number[] = [];
    const stop = new AbortController();
    const ended = outcomeOf(
      (async () => {
        const messages = mls.subscribeGroupMessages(
          { filters: [{ groupId }] },
          { signal: stop.signal },
        );
        for await (const { version } of messages)
          got.push(Number(version.value?.id));
      })(),
    );
    return { got, ended, stop: () => stop.abort() };
  };
  return { network, mls, send, query, stored, subscribe };
}

async function subscribed(network: LocalNetwork): Promise<void> {
  await eventually(() =>
    network.calls.count({
      method: "SubscribeGroupMessages",
      outcome: "open",
    }),
  ).toBe(1);
}

test.each(protocols)(
  "an error over %s hits one call of the method, before it takes effect",
  async (protocol) => {
    const { network, send, query, stored } = await start(protocol);
    const fault = network.faults.inject({
      method: "SendGroupMessages",
      fault: { kind: "error", code: "resourceExhausted" },
    });
    expect(await query()).toBe("ok");
    expect(await send("one")).toBe("resourceExhausted");
    expect(fault.hits).toBe(1);
    expect(await stored()).toBe(0);
    expect(await send("one")).toBe("ok");
    expect(await stored()).toBe(1);
    expect(fault.hits).toBe(1);
  },
);

test("an error that hits the reply comes after the effect", async () => {
  const { network, send, stored } = await start("grpc");
  network.faults.inject({
    at: "reply",
    fault: { kind: "error", code: "unavailable" },
  });
  expect(await send("one")).toBe("unavailable");
  expect(await stored()).toBe(1);
});

test("a fault until cleared hits every call that it is meant for", async () => {
  const { network, send, query } = await start("grpc");
  const fault = network.faults.inject({
    method: ["SendGroupMessages", "SendWelcomeMessages"],
    when: ({ groupIds }) => groupIds.includes("0102"),
    times: "untilCleared",
    fault: { kind: "error", code: "internal" },
  });
  expect([await send("one"), await query(), await send("two")]).toEqual([
    "internal",
    "ok",
    "internal",
  ]);
  fault.clear();
  expect(await send("one")).toBe("ok");
  expect(fault.hits).toBe(2);
});

test("clearing all faults ends them all", async () => {
  const { network, send } = await start("grpc");
  network.faults.inject({
    times: "untilCleared",
    fault: { kind: "error", code: "internal" },
  });
  network.faults.setReachability("unreachable");
  network.faults.clear();
  expect(await send("one")).toBe("ok");
});

test("a delay holds a call back", async () => {
  const { network, send } = await start("grpc");
  network.faults.inject({ fault: { kind: "delay", delayMs: 80 } });
  const before = performance.now();
  expect(await send("one")).toBe("ok");
  expect(performance.now() - before).toBeGreaterThanOrEqual(79);
});

test("a call that is held goes on when it is let go", async () => {
  const { network, send, stored } = await start("grpc");
  let letGo: () => void = () => undefined;
  const until = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  network.faults.inject({ fault: { kind: "hold", until } });
  const held = send("one");
  await eventually(() => network.calls.count({ outcome: "open" })).toBe(1);
  expect(await stored()).toBe(0);
  letGo();
  expect(await held).toBe("ok");
  expect(await stored()).toBe(1);
});

test("a client that gives up a call that is held is let go by itself", async () => {
  const { network, mls } = await start("grpc");
  const until = new Promise<void>(() => undefined);
  network.faults.inject({ fault: { kind: "hold", until } });
  const stop = new AbortController();
  const held = outcomeOf(
    mls.queryGroupMessages({ groupId }, { signal: stop.signal }),
  );
  await eventually(() => network.calls.count({ outcome: "open" })).toBe(1);
  stop.abort();
  expect(await held).toBe("canceled");
  await eventually(() => network.calls.count({ outcome: "open" })).toBe(0);
});

test.each(protocols)(
  "a dropped call over %s never ends by itself",
  async (protocol) => {
    const { network, mls, send } = await start(protocol);
    network.faults.inject({ fault: { kind: "drop" } });
    const stop = new AbortController();
    const dropped = outcomeOf(
      mls.queryGroupMessages({ groupId }, { signal: stop.signal }),
    );
    await eventually(() => network.calls.count({ outcome: "open" })).toBe(1);
    expect(await send("one")).toBe("ok");
    stop.abort();
    expect(await dropped).toBe("canceled");
    await eventually(() => network.calls.count({ outcome: "open" })).toBe(0);
  },
);

test.each(protocols)(
  "a disconnect over %s ends the call and the connection, not the network",
  async (protocol) => {
    const { network, send, stored } = await start(protocol);
    network.faults.inject({
      method: "SendGroupMessages",
      fault: { kind: "disconnect" },
    });
    expect(await send("one")).not.toBe("ok");
    expect(await stored()).toBe(0);
    network.faults.inject({
      method: "SendGroupMessages",
      at: "reply",
      fault: { kind: "disconnect" },
    });
    expect(await send("two")).not.toBe("ok");
    expect(await stored()).toBe(1);
    expect(await send("three")).toBe("ok");
  },
);

test.each(protocols)(
  "a subscription over %s can be refused",
  async (protocol) => {
    const { network, subscribe } = await start(protocol);
    network.faults.inject({
      method: "SubscribeGroupMessages",
      fault: { kind: "error", code: "unavailable" },
    });
    expect(await subscribe().ended).toBe("unavailable");
  },
);

test.each(protocols)(
  "a subscription over %s can fail after a number of messages",
  async (protocol) => {
    const { network, send, subscribe } = await start(protocol);
    network.faults.inject({
      method: "SubscribeGroupMessages",
      at: "reply",
      afterMessages: 2,
      fault: { kind: "error", code: "aborted" },
    });
    const stream = subscribe();
    for (const text of ["one", "two", "three", "four"]) await send(text);
    expect(await stream.ended).toBe("aborted");
    expect(stream.got).toEqual([1, 2]);
    const [call] = network.calls.list({ method: "SubscribeGroupMessages" });
    expect(call).toMatchObject({ outcome: "aborted", delivered: 2 });
  },
);

test.each(protocols)(
  "a subscription over %s can lose its connection, and the next one finds everything",
  async (protocol) => {
    const { network, send, subscribe } = await start(protocol);
    network.faults.inject({
      method: "SubscribeGroupMessages",
      at: "reply",
      afterMessages: 1,
      fault: { kind: "disconnect" },
    });
    const stream = subscribe();
    await send("one");
    await send("two");
    expect(await stream.ended).not.toBe("ok");
    const again = subscribe();
    await eventually(() => again.got).toEqual([1, 2]);
    again.stop();
    expect(await again.ended).toBe("canceled");
  },
);

test.each(protocols)(
  "all connections over %s can be torn down at once",
  async (protocol) => {
    const { network, send, subscribe } = await start(protocol);
    const stream = subscribe();
    await subscribed(network);
    expect(network.faults.disconnectAll()).toBeGreaterThan(0);
    expect(await stream.ended).not.toBe("ok");
    expect(await send("one")).toBe("ok");
  },
);

test.each(protocols)(
  "an unreachable network over %s ends what runs and takes nothing new",
  async (protocol) => {
    const { network, send, stored, subscribe } = await start(protocol);
    const stream = subscribe();
    await subscribed(network);
    network.faults.setReachability("unreachable");
    expect(await stream.ended).not.toBe("ok");
    expect(await send("one")).not.toBe("ok");
    network.faults.setReachability("reachable");
    await eventually(() => send("two")).toBe("ok");
    expect(await stored()).toBe(1);
  },
);

test("the call log tells what came, from whom and how it ended, and no content", async () => {
  const { network, mls, send, query, subscribe } = await start("grpc");
  const web = clientsOf(transportTo(network, "grpcWeb")).mls;
  network.faults.inject({
    method: "SendGroupMessages",
    fault: { kind: "error", code: "internal" },
  });
  await send("secret");
  await send("secret");
  await outcomeOf(mls.queryGroupMessages({}));
  await web.queryWelcomeMessages({ installationKey: Buffer.from("ee", "hex") });
  const stream = subscribe();
  await eventually(() => stream.got).toEqual([1]);
  expect(
    network.calls
      .list()
      .map(
        ({
          number,
          method,
          protocol,
          outcome,
          delivered,
          groupIds,
          installationIds,
        }) => [
          number,
          method,
          protocol,
          outcome,
          delivered,
          groupIds,
          installationIds,
        ],
      ),
  ).toEqual([
    [1, "SendGroupMessages", "grpc", "internal", 0, ["0102"], []],
    [2, "SendGroupMessages", "grpc", "ok", 0, ["0102"], []],
    [3, "QueryGroupMessages", "grpc", "unknown", 0, [""], []],
    [4, "QueryWelcomeMessages", "grpcWeb", "ok", 0, [], ["ee"]],
    [5, "SubscribeGroupMessages", "grpc", "open", 1, ["0102"], []],
  ]);
  stream.stop();
  await eventually(() => network.calls.count({ outcome: "canceled" })).toBe(1);
  expect(
    network.calls.count({ method: "SendGroupMessages", outcome: "ok" }),
  ).toBe(1);
  expect(network.calls.count({ groupId: "0102" })).toBe(3);
  expect(network.calls.count({ installationId: "ee" })).toBe(1);
  expect(
    JSON.stringify(network.calls.list(), (_, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    ),
  ).not.toContain("secret");
  network.calls.clear();
  expect(network.calls.count()).toBe(0);
  await query();
  expect(network.calls.list()[0]?.number).toBe(6);
});

test("the traffic is what went over the wire", async () => {
  const { network, send } = await start("grpc");
  expect(network.traffic()).toEqual({ receivedBytes: 0, sentBytes: 0 });
  await send("x".repeat(100_000));
  const after = network.traffic();
  expect(after.receivedBytes).toBeGreaterThan(100_000);
  expect(after.receivedBytes).toBeLessThan(105_000);
  network.faults.disconnectAll();
  await eventually(
    () => network.traffic().receivedBytes,
  ).toBeGreaterThanOrEqual(after.receivedBytes);
});
