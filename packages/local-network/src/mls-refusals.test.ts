import { expect, test } from "vitest";
import { privateMessage } from "./fixtures/mls.js";
import {
  clientsOf,
  protocols,
  startNetwork,
  transportTo,
} from "./fixtures/network.js";
import { SortDirection } from "./gen/xmtp/mls/api/v1/mls_pb.js";
import { type GrpcCode } from "./grpc-code.js";
import {
  codeOf,
  firstOf,
  groupId,
  groupMessage,
  installationKey,
  logEntry,
  type Mls,
  pointer,
  welcome,
} from "./fixtures/mls-calls.js";

const calls: [string, GrpcCode | "ok", (mls: Mls) => Promise<unknown>][] = [
  ["sending nothing", "invalidArgument", (mls) => mls.sendGroupMessages({})],
  [
    "a group message without a version",
    "invalidArgument",
    (mls) => mls.sendGroupMessages({ messages: [{}] }),
  ],
  [
    "a group message that is not MLS",
    "invalidArgument",
    (mls) =>
      mls.sendGroupMessages({
        messages: [
          { version: { case: "v1", value: { data: Buffer.from("text") } } },
        ],
      }),
  ],
  [
    "an empty group message",
    "invalidArgument",
    (mls) =>
      mls.sendGroupMessages({
        messages: [{ version: { case: "v1", value: {} } }],
      }),
  ],
  [
    "a group message without a group id",
    "invalidArgument",
    (mls) =>
      mls.sendGroupMessages({
        messages: [
          {
            version: {
              case: "v1",
              value: { data: privateMessage({ groupId: Buffer.alloc(0) }) },
            },
          },
        ],
      }),
  ],
  [
    "a group message",
    "ok",
    (mls) => mls.sendGroupMessages({ messages: [groupMessage("one")] }),
  ],
  [
    "the same group message again",
    "ok",
    (mls) =>
      mls.sendGroupMessages({
        messages: [groupMessage("one"), groupMessage("one")],
      }),
  ],
  ["no welcomes", "invalidArgument", (mls) => mls.sendWelcomeMessages({})],
  [
    "a welcome without a version",
    "invalidArgument",
    (mls) => mls.sendWelcomeMessages({ messages: [{}] }),
  ],
  [
    "a welcome to nobody",
    "invalidArgument",
    (mls) =>
      mls.sendWelcomeMessages({
        messages: [
          {
            version: {
              case: "v1",
              value: {
                ...welcome("x").version.value,
                installationKey: Buffer.alloc(0),
              },
            },
          },
        ],
      }),
  ],
  [
    "an empty welcome",
    "invalidArgument",
    (mls) => mls.sendWelcomeMessages({ messages: [welcome("")] }),
  ],
  [
    "a welcome without a key",
    "invalidArgument",
    (mls) =>
      mls.sendWelcomeMessages({
        messages: [
          {
            version: {
              case: "v1",
              value: { installationKey, data: Buffer.from("x") },
            },
          },
        ],
      }),
  ],
  [
    "a welcome without a key that is symmetric",
    "ok",
    (mls) =>
      mls.sendWelcomeMessages({
        messages: [
          {
            version: {
              case: "v1",
              value: {
                installationKey,
                data: Buffer.from("x"),
                wrapperAlgorithm: 3,
              },
            },
          },
        ],
      }),
  ],
  [
    "a welcome",
    "ok",
    (mls) => mls.sendWelcomeMessages({ messages: [welcome("x")] }),
  ],
  [
    "a welcome pointer",
    "ok",
    (mls) =>
      mls.sendWelcomeMessages({
        messages: [{ version: { case: "welcomePointer", value: pointer } }],
      }),
  ],
  [
    "a welcome pointer without an algorithm",
    "invalidArgument",
    (mls) =>
      mls.sendWelcomeMessages({
        messages: [
          {
            version: {
              case: "welcomePointer",
              value: { ...pointer, wrapperAlgorithm: 0 },
            },
          },
        ],
      }),
  ],
  [
    "a welcome pointer to nothing",
    "invalidArgument",
    (mls) =>
      mls.sendWelcomeMessages({
        messages: [
          {
            version: {
              case: "welcomePointer",
              value: { ...pointer, welcomePointer: Buffer.alloc(0) },
            },
          },
        ],
      }),
  ],
  ["no key package", "invalidArgument", (mls) => mls.uploadKeyPackage({})],
  [
    "an empty key package",
    "invalidArgument",
    (mls) => mls.uploadKeyPackage({ keyPackage: {} }),
  ],
  [
    "registering without a key package",
    "invalidArgument",
    (mls) => mls.registerInstallation({}),
  ],
  ["fetching no key packages", "ok", (mls) => mls.fetchKeyPackages({})],
  ["querying no group", "unknown", (mls) => mls.queryGroupMessages({})],
  [
    "querying a group that nobody knows",
    "ok",
    (mls) => mls.queryGroupMessages({ groupId }),
  ],
  [
    "querying no installation",
    "unknown",
    (mls) => mls.queryWelcomeMessages({}),
  ],
  [
    "the newest message of nothing",
    "invalidArgument",
    (mls) => mls.getNewestGroupMessage({}),
  ],
  [
    "publishing no log entries",
    "invalidArgument",
    (mls) => mls.batchPublishCommitLog({}),
  ],
  [
    "publishing 10 log entries",
    "ok",
    (mls) =>
      mls.batchPublishCommitLog({
        requests: Array.from({ length: 10 }, () => logEntry),
      }),
  ],
  [
    "publishing 11 log entries",
    "invalidArgument",
    (mls) =>
      mls.batchPublishCommitLog({
        requests: Array.from({ length: 11 }, () => logEntry),
      }),
  ],
  [
    "publishing a log entry without a group",
    "invalidArgument",
    (mls) =>
      mls.batchPublishCommitLog({
        requests: [{ ...logEntry, groupId: Buffer.alloc(0) }],
      }),
  ],
  [
    "publishing an empty log entry",
    "invalidArgument",
    (mls) =>
      mls.batchPublishCommitLog({
        requests: [{ ...logEntry, serializedCommitLogEntry: Buffer.alloc(0) }],
      }),
  ],
  [
    "publishing a log entry that nobody signed",
    "invalidArgument",
    (mls) =>
      mls.batchPublishCommitLog({
        requests: [{ groupId, serializedCommitLogEntry: Buffer.from("entry") }],
      }),
  ],
  ["querying no logs", "invalidArgument", (mls) => mls.batchQueryCommitLog({})],
  [
    "querying 20 logs",
    "ok",
    (mls) =>
      mls.batchQueryCommitLog({
        requests: Array.from({ length: 20 }, () => ({ groupId })),
      }),
  ],
  [
    "querying 21 logs",
    "invalidArgument",
    (mls) =>
      mls.batchQueryCommitLog({
        requests: Array.from({ length: 21 }, () => ({ groupId })),
      }),
  ],
  [
    "querying the log of no group",
    "invalidArgument",
    (mls) => mls.batchQueryCommitLog({ requests: [{}] }),
  ],
  [
    "querying a log backwards",
    "internal",
    (mls) =>
      mls.batchQueryCommitLog({
        requests: [
          { groupId, pagingInfo: { direction: SortDirection.DESCENDING } },
        ],
      }),
  ],
  [
    "subscribing to a group without an id",
    "unknown",
    (mls) => firstOf(mls.subscribeGroupMessages({ filters: [{}] })),
  ],
  [
    "subscribing to no welcomes",
    "invalidArgument",
    (mls) => firstOf(mls.subscribeWelcomeMessages({})),
  ],
  [
    "subscribing to the welcomes of nobody",
    "invalidArgument",
    (mls) => firstOf(mls.subscribeWelcomeMessages({ filters: [{}] })),
  ],
];

test.each(protocols)(
  "gives the code of the real node over %s",
  async (protocol) => {
    const { mls } = clientsOf(transportTo(await startNetwork(), protocol));
    const found: [string, GrpcCode | "ok"][] = [];
    for (const [name, , call] of calls)
      found.push([name, await codeOf(call(mls))]);
    expect(found).toEqual(calls.map(([name, code]) => [name, code]));
  },
);

test("a message over 50 MiB is over the limit", async () => {
  const { mls } = clientsOf(transportTo(await startNetwork()));
  const ciphertext = Buffer.alloc(50 * 1024 * 1024);
  const data = privateMessage({ groupId, ciphertext });
  expect(
    await codeOf(
      mls.sendGroupMessages({
        messages: [{ version: { case: "v1", value: { data } } }],
      }),
    ),
  ).toBe("resourceExhausted");
});
