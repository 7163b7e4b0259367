import {
  createLocalNetwork,
  type LocalNetwork,
} from "@carryover/local-network";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  problemCode,
  startProvider,
  until,
} from "./testing/provider-fixture.js";
import { newClient, newSigner } from "./testing/xmtp-fixture.js";

let network: LocalNetwork;
beforeAll(async () => {
  network = await createLocalNetwork({ grpcPort: 0, grpcWebPort: 0 });
});
afterAll(() => network.close());

test("the official SDK's own archives pass through", async () => {
  const { provider } = await startProvider({ officialClients: "on" });
  const wallet = newSigner();
  const [older, bo] = await Promise.all([
    newClient(network, wallet, "on"),
    newClient(network, newSigner()),
  ]);
  const group = await older.conversations.createGroup([bo.inboxId]);
  const sent = Array.from({ length: 50 }, (_each, at) => `message ${at}`);
  for (const text of sent) await group.sendText(text);

  const newer = await newClient(network, wallet, "on");
  // Told once, into a group that the new installation may not have joined yet: told again until it knows.
  await until("the new installation knows of an archive", async () => {
    await older.syncAllDeviceSyncGroups();
    await older.sendSyncArchive("pin", undefined, provider.url);
    await newer.syncAllDeviceSyncGroups();
    return newer.listAvailableArchives(7).some(({ pin }) => pin === "pin");
  });
  await newer.processSyncArchive("pin");

  await until("the download is recorded", () =>
    provider.requests.some(({ method }) => method === "GET"),
  );
  const seen = provider.requests.map(
    ({ method, route, status }) => `${method} ${route} ${status}`,
  );
  expect(new Set(seen.slice(0, -1))).toEqual(new Set(["POST /upload 200"]));
  expect(seen.at(-1)).toBe("GET /files/:id 200");
  const restored = await newer.conversations.getConversationById(group.id);
  const texts = ((await restored?.messages()) ?? []).map(
    ({ content }) => content,
  );
  expect(texts.filter((each) => typeof each === "string").sort()).toEqual(
    [...sent].sort(),
  );
});

test("a raw body goes up and comes down; an empty one, a large one and too many are refused", async () => {
  const { provider, blobs, incoming } = await startProvider({
    officialClients: "on",
    maxBytes: 1_000,
    limits: { uploadsPerHour: 5 },
  });
  const post = (
    body: Uint8Array | undefined,
    headers: Record<string, string> = {},
  ) =>
    fetch(`${provider.url}/upload`, {
      method: "POST",
      headers,
      ...(body === undefined ? {} : { body: Uint8Array.from(body) }),
    });
  const bytes = randomBytes(1_000);
  const name = await (await post(bytes)).text();
  expect(name).toMatch(/^[A-Za-z0-9_-]{27}$/);
  const down = await fetch(`${provider.url}/files/${name}`, {
    headers: { range: "bytes=10-" },
  });
  expect([down.status, Buffer.from(await down.arrayBuffer())]).toEqual([
    206,
    bytes.subarray(10),
  ]);
  expect(await problemCode(await post(undefined))).toBe("file-missing");
  expect(await problemCode(await post(randomBytes(1_001)))).toBe("too-large");
  expect(
    await problemCode(await post(bytes, { "content-encoding": "gzip" })),
  ).toBe("media-type");
  expect(
    (await post(bytes, { "content-type": "application/json" })).status,
  ).toBe(200);
  expect(await problemCode(await post(bytes))).toBe("rate-limited");
  await until("temporary files are gone", () => incoming().length === 0);
  expect(blobs()).toHaveLength(2);
});

test("without the option the endpoints are not there", async () => {
  const { provider } = await startProvider();
  const response = await fetch(`${provider.url}/upload`, {
    method: "POST",
    body: "x",
  });
  expect(await problemCode(response)).toBe("not-found");
  expect(await problemCode(await fetch(`${provider.url}/files/x`))).toBe(
    "not-found",
  );
});
