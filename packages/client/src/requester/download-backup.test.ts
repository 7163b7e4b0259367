import { expect, test } from "vitest";
import { CarryoverError } from "../errors.js";
import type { Download } from "../ports/storage-provider-client.js";
import type { OutboundRecord } from "../state/engine-state.js";
import {
  createContext,
  createPorts,
  type MemoryPorts,
  requestId,
  responseIdentity,
} from "../testing/engine-fixture.js";
import { other } from "../testing/installations.js";
import { hourNs, startNs } from "../testing/memory-network.js";
import { storageOrigin } from "../testing/memory-storage.js";
import { streamOf } from "../testing/stream-of.js";
import { downloadBackup } from "./download-backup.js";

const backupUrl = `${storageOrigin}/backups/0`;
const bytes = Uint8Array.from({ length: 1_000 }, (_, index) => index);
const name = "backup-0";

async function recordOf(
  change: { storageOrigin?: string; sizeBytes?: number } = {},
): Promise<OutboundRecord> {
  return {
    requestId,
    recipientInstallationId: other.installationId,
    state: "downloading",
    storageOrigin: change.storageOrigin ?? storageOrigin,
    pendingEffects: [],
    downloadName: name,
    secrets: {
      uploadUrl: `${storageOrigin}/backups?ticket=1`,
      responseIdentity,
      response: {
        requestId,
        backupUrl,
        encryptionParameters: { kind: "ageV1", identity: responseIdentity },
        backupFileHash: new Uint8Array(
          await crypto.subtle.digest("SHA-256", bytes),
        ),
        expirationTimeNs: startNs + hourNs,
        backupFileSizeBytes: change.sizeBytes ?? bytes.length,
        conversationCount: 1,
        messageCount: 1,
      },
    },
  };
}

/** Downloads what the service says that the file is. */
async function download(
  prepare: (ports: MemoryPorts) => void = () => undefined,
  change: Parameters<typeof recordOf>[0] = {},
): Promise<{ ports: MemoryPorts; code: string }> {
  const ports = createPorts();
  ports.storageProvider.files.set(backupUrl, bytes);
  prepare(ports);
  try {
    await downloadBackup(
      await createContext(ports),
      await recordOf(change),
      {},
    );
    return { ports, code: "done" };
  } catch (error) {
    if (!(error instanceof CarryoverError)) throw error;
    return { ports, code: error.code };
  }
}

const answering =
  (change: (download: Download) => Partial<Download>) =>
  ({ storageProvider }: MemoryPorts) => {
    storageProvider.answerDownload = (answer) => ({
      ...answer,
      ...change(answer),
    });
  };

test("the file is downloaded whole, and goes on where it was", async () => {
  const whole = await download();
  expect(whole.code).toBe("done");
  expect(whole.ports.scratch.files.get(name)).toEqual(bytes);
  for (const service of ["resumes", "starts over"])
    for (const length of [1, 999, 1_000]) {
      const resumed = await download((ports) => {
        ports.scratch.files.set(name, bytes.slice(0, length));
        if (service === "starts over")
          answering(() => ({ startByte: 0, body: streamOf([bytes]) }))(ports);
      });
      expect(resumed.code).toBe("done");
      expect(resumed.ports.scratch.files.get(name)).toEqual(bytes);
    }
});

test("security rule 7: nothing is fetched from another origin than the upload went to", async () => {
  const { ports, code } = await download(undefined, {
    storageOrigin: "https://other.example",
  });
  expect(code).toBe("backupUrlOriginMismatch");
  expect(ports.storageProvider.calls).toEqual([]);
});

test("security rule 7: one changed byte, and the file is gone before anything opens it", async () => {
  const changed = bytes.map((byte, index) => (index === 500 ? byte ^ 1 : byte));
  const { ports, code } = await download(({ storageProvider }) =>
    storageProvider.files.set(backupUrl, changed),
  );
  expect(code).toBe("hashMismatch");
  expect(ports.scratch.files.size).toBe(0);
});

test("security rule 7: a changed byte in what was there before is found too", async () => {
  const { code } = await download(({ scratch }) =>
    scratch.files.set(name, Uint8Array.from([9, 9, 9])),
  );
  expect(code).toBe("hashMismatch");
});

test("security rule 7: a file of another size than announced is not even begun", async () => {
  for (const sizeBytes of [999, 1_001]) {
    const { ports, code } = await download(undefined, { sizeBytes });
    expect(code).toBe("sizeMismatch");
    expect(ports.scratch.files.size).toBe(0);
  }
});

test("security rule 7: a service that sends on and on is cut off at the announced size", async () => {
  let sent = 0;
  const endless = () =>
    new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1_000;
        controller.enqueue(new Uint8Array(1_000));
      },
    });
  const { ports, code } = await download((changed) => {
    changed.storageProvider.answerDownload = () => ({
      body: endless(),
      startByte: 0,
    });
  });
  expect(code).toBe("sizeMismatch");
  expect(sent).toBeLessThan(20_000);
  expect(ports.scratch.files.get(name)?.length ?? 0).toBeLessThanOrEqual(1_000);
});

test("a download that ends early can be tried again", async () => {
  const { code } = await download((ports) => {
    ports.storageProvider.answerDownload = () => ({
      body: streamOf([bytes.subarray(0, 600)]),
      startByte: 0,
    });
  });
  expect(code).toBe("storageUnavailable");
});

test("a file left over that is longer than the announced one is fetched anew", async () => {
  const { ports, code } = await download(({ scratch }) =>
    scratch.files.set(name, new Uint8Array(2_000)),
  );
  expect(code).toBe("done");
  expect(ports.scratch.files.get(name)).toEqual(bytes);
});

test("without a response there is nothing to download", async () => {
  const context = await createContext(createPorts());
  const { secrets, ...record } = await recordOf();
  expect(secrets).toBeDefined();
  await expect(downloadBackup(context, record, {})).rejects.toMatchObject({
    code: "responseNotFound",
  });
});
