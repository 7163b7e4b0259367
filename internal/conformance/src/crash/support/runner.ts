import { type Carryover, CarryoverError } from "@carryover/xmtp-node";
import { carryoverClientOptions } from "@carryover/xmtp-node";
import { Client } from "@xmtp/node-sdk";
import { assembleCarryover } from "../../main-job/support/assemble-carryover.js";
import { withKillPoints } from "./kill-points.js";
import type { FromRunner, RunnerSetup, ToRunner } from "./runner-protocol.js";

// One installation in a process of its own, which its parent tells what to do, and which dies where it was told to.

const tell = (message: FromRunner) => process.send?.(message);

async function open(setup: RunnerSetup): Promise<Carryover> {
  const { apiUrl, databasePath, address, directory, encryptionKey } = setup;
  const client = await Client.build(
    { identifier: address, identifierKind: 0 },
    {
      env: "local",
      apiUrl,
      dbPath: databasePath,
      ...carryoverClientOptions(),
    },
  );
  let steps = 0;
  return await assembleCarryover(
    client,
    { directory, encryptionKey, allowedStorageOrigins: [setup.storageUrl] },
    (ports) =>
      withKillPoints(ports, (name) => {
        steps += 1;
        if (steps === setup.killAtStep) process.kill(process.pid, "SIGKILL");
        tell({ kind: "step", name });
      }),
  );
}

function call(
  carryover: Carryover,
  { name, args }: Extract<ToRunner, { kind: "call" }>,
  storageProviderUrl: string,
): Promise<unknown> {
  const requestId = String(args[0]);
  switch (name) {
    case "request":
      return carryover.requestRemoteMessageHistoryBackup({
        storageProviderUrl,
        appName: "Runner",
      });
    case "sync":
      return carryover.sync();
    case "approve":
      return carryover.respondToBackupRequest(requestId, "approve");
    case "apply":
      return carryover.applyRemoteMessageHistoryBackup(requestId);
    case "outbound":
      return carryover.listOutboundBackupRequests();
    case "inbound":
      return carryover.listInboundBackupRequests();
    case "close":
      return carryover.close();
  }
}

function failure(error: unknown, id?: number): FromRunner {
  const known = error instanceof CarryoverError;
  return {
    kind: "failed",
    ...(id !== undefined && { id }),
    code: known ? error.code : "notACarryoverError",
    message: error instanceof Error ? (error.stack ?? "") : String(error),
    retryable: known && error.retryable,
  };
}

let opened: { carryover: Carryover; setup: RunnerSetup } | undefined;

async function take(message: ToRunner): Promise<void> {
  if (message.kind === "open") {
    const { setup } = message;
    try {
      opened = { carryover: await open(setup), setup };
      tell({ kind: "opened" });
    } catch (error) {
      tell(failure(error));
    }
    return;
  }
  const { id } = message;
  try {
    if (opened === undefined) throw new Error("not opened");
    const { carryover, setup } = opened;
    tell({
      kind: "result",
      id,
      result: await call(carryover, message, setup.storageUrl),
    });
  } catch (error) {
    tell(failure(error, id));
  }
}

process.on("message", (message: ToRunner) => void take(message));
process.on("disconnect", () => process.exit());
