import { expect, test } from "vitest";
import { CarryoverError } from "../errors.js";
import { createPorts, startEngine } from "../testing/engine-fixture.js";
import { storageOrigin } from "../testing/memory-storage.js";

/** Takes a request back while the service answers a deletion with an error, and says what is left to do then. */
async function leftAfterCancel(code: "storageRefused" | "storageUnavailable") {
  const ports = createPorts();
  const { engine } = await startEngine(ports);
  const [request] = await engine.requestRemoteMessageHistoryBackup({
    storageProviderUrl: storageOrigin,
    appName: "Example Chat",
  });
  if (request === undefined) throw new Error("nobody was asked");
  ports.storageProvider.deleteBackup = () => {
    ports.storageProvider.calls.push("delete");
    return Promise.reject(new CarryoverError(code, "no"));
  };
  await engine.cancelRemoteMessageHistoryBackup(request.requestId);
  const { problems } = await engine.sync();
  return { problems, calls: ports.storageProvider.calls };
}

test("a deletion that the service will never do is not tried again", async () => {
  const { problems, calls } = await leftAfterCancel("storageRefused");
  expect(problems).toEqual([]);
  expect(calls.filter((call) => call === "delete")).toHaveLength(1);
});

test("a deletion that the service cannot do now is tried again", async () => {
  const { problems, calls } = await leftAfterCancel("storageUnavailable");
  expect(problems).toMatchObject([{ code: "storageUnavailable" }]);
  expect(calls.filter((call) => call === "delete")).toHaveLength(2);
});
