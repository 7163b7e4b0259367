import { expect, test } from "vitest";
import { eventually } from "./fixtures/eventually.js";
import { createManualClock } from "./fixtures/manual-clock.js";
import { keyPackage, privateMessage } from "./fixtures/mls.js";
import {
  clientsOf,
  protocols,
  startNetwork,
  transportTo,
} from "./fixtures/network.js";
import { SortDirection } from "./gen/xmtp/mls/api/v1/mls_pb.js";
import {
  codeOf,
  firstOf,
  groupId,
  groupMessage,
  installationKey,
  logEntry,
  welcome,
} from "./fixtures/mls-calls.js";

test("a message of 25 MiB comes back whole", async () => {
  const { mls } = clientsOf(transportTo(await startNetwork()));
  const ciphertext = Buffer.alloc(25 * 1024 * 1024 - 4096, 3);
  const data = privateMessage({ groupId, ciphertext });
  await mls.sendGroupMessages({
    messages: [{ version: { case: "v1", value: { data } } }],
  });
  const { messages } = await mls.queryGroupMessages({ groupId });
  expect(
    Buffer.compare(messages[0]?.version.value?.data ?? Buffer.alloc(0), data),
  ).toBe(0);
});

test("stores what was sent, with the group and the kind that its framing says", async () => {
  const { mls } = clientsOf(transportTo(await startNetwork()));
  await mls.sendGroupMessages({
    messages: [
      groupMessage("a"),
      groupMessage("c", "commit"),
      groupMessage("p", "proposal"),
    ],
  });
  const { messages, pagingInfo } = await mls.queryGroupMessages({
    groupId,
    pagingInfo: { direction: SortDirection.ASCENDING },
  });
  expect(messages.map(({ version }) => version.value)).toMatchObject([
    { id: 1n, isCommit: false, shouldPush: true },
    { id: 2n, isCommit: true },
    { id: 3n, isCommit: true },
  ]);
  const first = messages[0]?.version.value;
  expect(Buffer.from(first?.groupId ?? []).equals(groupId)).toBe(true);
  expect(Buffer.from(first?.senderHmac ?? []).toString()).toBe("hmac");
  expect(pagingInfo).toMatchObject({
    direction: SortDirection.ASCENDING,
    limit: 100,
    idCursor: 0n,
  });
});

test("pages 250 messages and 250 welcomes by the cursor of the reply, in both directions", async () => {
  const { mls } = clientsOf(transportTo(await startNetwork()));
  await mls.sendGroupMessages({
    messages: Array.from({ length: 250 }, (_, at) => groupMessage(`m${at}`)),
  });
  await mls.sendWelcomeMessages({
    messages: Array.from({ length: 250 }, (_, at) => welcome(`w${at}`)),
  });
  for (const direction of [
    SortDirection.ASCENDING,
    SortDirection.DESCENDING,
    SortDirection.UNSPECIFIED,
  ]) {
    const found = { messages: [] as number[], welcomes: [] as number[] };
    let idCursor = 0n;
    do {
      const page = await mls.queryGroupMessages({
        groupId,
        pagingInfo: { direction, idCursor, limit: 1000 },
      });
      expect(page.messages.length).toBeLessThanOrEqual(100);
      found.messages.push(
        ...page.messages.map(({ version }) => Number(version.value?.id)),
      );
      idCursor = page.pagingInfo?.idCursor ?? 0n;
    } while (idCursor !== 0n);
    do {
      const page = await mls.queryWelcomeMessages({
        installationKey,
        pagingInfo: { direction, idCursor, limit: 30 },
      });
      expect(page.messages.length).toBeLessThanOrEqual(30);
      found.welcomes.push(
        ...page.messages.map(({ version }) => Number(version.value?.id)),
      );
      idCursor = page.pagingInfo?.idCursor ?? 0n;
    } while (idCursor !== 0n);
    const expected = Array.from({ length: 250 }, (_, at) => at + 1);
    if (direction !== SortDirection.ASCENDING) expected.reverse();
    expect(found).toEqual({ messages: expected, welcomes: expected });
  }
});

test("key packages come in the order of the request, with an empty entry for what is missing", async () => {
  const clock = createManualClock();
  const { mls } = clientsOf(transportTo(await startNetwork({ clock })));
  const seconds = clock.nowNs() / 1_000_000_000n;
  const a = keyPackage(seconds);
  const b = keyPackage(seconds);
  await mls.uploadKeyPackage({
    keyPackage: { keyPackageTlsSerialized: a.bytes },
  });
  const registered = await mls.registerInstallation({
    keyPackage: { keyPackageTlsSerialized: b.bytes },
  });
  expect(Buffer.from(registered.installationKey).equals(b.installationId)).toBe(
    true,
  );
  const { keyPackages } = await mls.fetchKeyPackages({
    installationKeys: [b.installationId, Buffer.alloc(32), a.installationId],
  });
  expect(
    keyPackages.map(({ keyPackageTlsSerialized: bytes }) =>
      Buffer.from(bytes).toString("hex"),
    ),
  ).toEqual([b.bytes.toString("hex"), "", a.bytes.toString("hex")]);
  clock.advance(2n * 3600n * 1_000_000_000n);
  expect(
    await codeOf(
      mls.uploadKeyPackage({
        keyPackage: { keyPackageTlsSerialized: a.bytes },
      }),
    ),
  ).toBe("invalidArgument");
});

test("the newest message comes with or without its content, in the order of the request", async () => {
  const { mls } = clientsOf(transportTo(await startNetwork()));
  await mls.sendGroupMessages({
    messages: [groupMessage("old"), groupMessage("new", "commit")],
  });
  const groupIds = [Buffer.from("ff", "hex"), groupId];
  const bare = await mls.getNewestGroupMessage({ groupIds });
  expect(bare.responses[0]?.groupMessage).toBeUndefined();
  expect(bare.responses[1]?.groupMessage?.version.value).toMatchObject({
    id: 2n,
    isCommit: true,
    data: new Uint8Array(),
  });
  const full = await mls.getNewestGroupMessage({
    groupIds,
    includeContent: true,
  });
  expect(
    full.responses[1]?.groupMessage?.version.value?.data.length,
  ).toBeGreaterThan(0);
});

test("the commit log is read forwards, behind the cursor", async () => {
  const { mls } = clientsOf(transportTo(await startNetwork()));
  await mls.batchPublishCommitLog({ requests: [logEntry, logEntry, logEntry] });
  const query = async (idCursor: bigint, limit: number) => {
    const { responses } = await mls.batchQueryCommitLog({
      requests: [{ groupId, pagingInfo: { idCursor, limit } }],
    });
    return responses[0];
  };
  const first = await query(0n, 2);
  expect(first?.commitLogEntries.map(({ sequenceId }) => sequenceId)).toEqual([
    1n,
    2n,
  ]);
  expect(first?.pagingInfo?.idCursor).toBe(2n);
  const second = await query(2n, 2);
  expect(second?.commitLogEntries.map(({ sequenceId }) => sequenceId)).toEqual([
    3n,
  ]);
  expect(second?.commitLogEntries[0]?.signature?.bytes.length).toBe(64);
  expect(second?.pagingInfo?.idCursor).toBe(0n);
});

test.each(protocols)(
  "a subscription over %s answers at once, gives the past and then what comes",
  async (protocol) => {
    const network = await startNetwork();
    const { mls } = clientsOf(transportTo(network, protocol));
    await mls.sendGroupMessages({
      messages: [groupMessage("one"), groupMessage("two")],
    });
    let headers: Headers | undefined;
    const stop = new AbortController();
    const quiet = mls.subscribeGroupMessages(
      { filters: [{ groupId: Buffer.from("ffff", "hex") }] },
      {
        signal: stop.signal,
        onHeader: (got) => {
          headers = got;
        },
      },
    );
    const nothing = codeOf(firstOf(quiet));
    await eventually(() => headers?.get("subscribed")).toBe("true");

    const got: bigint[] = [];
    const busy = mls.subscribeGroupMessages(
      { filters: [{ groupId, idCursor: 1n }] },
      { signal: stop.signal },
    );
    const reading = (async () => {
      for await (const { version } of busy) {
        got.push(version.value?.id ?? 0n);
        if (got.length === 3) return;
      }
    })();
    await eventually(() => got).toEqual([2n]);
    await mls.sendGroupMessages({
      messages: [groupMessage("three"), groupMessage("four")],
    });
    await reading;
    expect(got).toEqual([2n, 3n, 4n]);
    stop.abort();
    expect(await nothing).toBe("canceled");
  },
);

test("a method that the node does not have is unimplemented", async () => {
  const network = await startNetwork();
  for (const path of [
    "xmtp.mls.api.v1.MlsApi/Subscribe",
    "xmtp.migration.api.v1.D14nMigrationApi/FetchD14nCutover",
  ]) {
    const response = await fetch(`${network.grpcWebUrl}/${path}`, {
      method: "POST",
      headers: { "content-type": "application/grpc-web+proto" },
      body: new Uint8Array(5),
    });
    expect(response.headers.get("grpc-status")).toBe("12");
  }
});

test("web pages of any origin may call", async () => {
  const network = await startNetwork();
  const url = `${network.grpcWebUrl}/xmtp.mls.api.v1.MlsApi/QueryGroupMessages`;
  const preflight = await fetch(url, {
    method: "OPTIONS",
    headers: {
      origin: "https://app.example",
      "access-control-request-method": "POST",
      "access-control-request-headers":
        "content-type,x-grpc-web,x-libxmtp-version",
    },
  });
  expect(preflight.status).toBe(204);
  expect(preflight.headers.get("access-control-allow-origin")).toBe("*");
  expect(preflight.headers.get("access-control-allow-headers")).toContain(
    "x-libxmtp-version",
  );
  const response = await fetch(url, {
    method: "POST",
    headers: {
      origin: "https://app.example",
      "content-type": "application/grpc-web+proto",
    },
    body: new Uint8Array(5),
  });
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  expect(response.headers.get("access-control-expose-headers")).toContain(
    "grpc-status",
  );
  await response.arrayBuffer();
});
