import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type {
  CarryoverErrorCode,
  StorageProviderClient,
} from "@carryover/client";
import type { UploadStep } from "@carryover/storage-provider";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startStorageProvider, type TestStorage } from "../storage.js";
import { waitFor } from "../wait-for.js";

const withCode = (code: CarryoverErrorCode): unknown =>
  expect.objectContaining({ name: "CarryoverError", code });

const sha256 = (bytes: Uint8Array) =>
  createHash("sha256").update(bytes).digest("hex");

function streamOf(
  bytes: Uint8Array,
  chunkBytes = 65_536,
): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (at >= bytes.length) {
          controller.close();
          return;
        }
        controller.enqueue(bytes.slice(at, at + chunkBytes));
        at += chunkBytes;
      },
    },
    { highWaterMark: 0 },
  );
}

async function readAll(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(body).arrayBuffer());
}

/** What every implementation of `StorageProviderClient` must do, against the real service. Run it for each of them. */
export function describeStorageProviderClientContract(
  name: string,
  createClient: () => StorageProviderClient,
): void {
  describe(`${name}: storage provider client`, () => {
    let storage: TestStorage;
    let dropUploadAt: UploadStep | undefined;
    let dropDownloadAfterBytes: number;
    let client: StorageProviderClient;
    const file = new Uint8Array(randomBytes(1_000_003));
    const maxBytes = 4_000_000;

    beforeEach(async () => {
      dropUploadAt = undefined;
      dropDownloadAfterBytes = Infinity;
      storage = await startStorageProvider({
        maxBytes,
        hooks: {
          uploadStep: async (step) =>
            step === dropUploadAt ? "drop" : "continue",
          downloadPiece: async (sentBytes) =>
            sentBytes >= dropDownloadAfterBytes ? "drop" : "continue",
        },
      });
      client = createClient();
    });
    afterEach(() => storage.close());

    const obtain = () => client.obtainUploadAuthorization(storage.url);

    it("uploads, and downloads the same bytes", async () => {
      const { uploadUrl } = await obtain();
      const stored = await client.upload(uploadUrl, streamOf(file));
      expect(stored).toMatchObject({
        sizeBytes: file.length,
        sha256Hex: sha256(file),
      });
      expect(stored.expiresAtNs).toBeGreaterThan(
        BigInt(Date.now()) * 1_000_000n,
      );
      const download = await client.download(stored.downloadUrl, {
        fromByte: 0,
      });
      expect(download).toMatchObject({
        startByte: 0,
        totalBytes: file.length,
      });
      expect(sha256(await readAll(download.body))).toBe(sha256(file));
    });

    it.each([1, 65_535, 65_536, 65_537])(
      "carries a file of %i bytes in any pieces",
      async (length) => {
        const bytes = new Uint8Array(randomBytes(length));
        const { uploadUrl } = await obtain();
        const stored = await client.upload(uploadUrl, streamOf(bytes, 1_000));
        const { body } = await client.download(stored.downloadUrl, {
          fromByte: 0,
        });
        expect(sha256(await readAll(body))).toBe(sha256(bytes));
      },
    );

    it("tells how many bytes have left, up to all of them", async () => {
      const { uploadUrl } = await obtain();
      const told: number[] = [];
      await client.upload(uploadUrl, streamOf(file), {
        onProgress: (sentBytes) => told.push(sentBytes),
      });
      expect(told).toEqual([...told].sort((a, b) => a - b));
      expect(told.length).toBeGreaterThan(2);
      expect(told.at(-1)).toBe(file.length);
    });

    it("goes on with a download from any byte", async () => {
      const { uploadUrl } = await obtain();
      const { downloadUrl } = await client.upload(uploadUrl, streamOf(file));
      for (const fromByte of [1, 500_000, file.length - 1]) {
        const download = await client.download(downloadUrl, { fromByte });
        expect(download).toMatchObject({
          startByte: fromByte,
          totalBytes: file.length,
        });
        expect(sha256(await readAll(download.body))).toBe(
          sha256(file.subarray(fromByte)),
        );
      }
    });

    it("starts a download anew when there is no such byte", async () => {
      const { uploadUrl } = await obtain();
      const { downloadUrl } = await client.upload(uploadUrl, streamOf(file));
      const download = await client.download(downloadUrl, {
        fromByte: file.length,
      });
      expect(download).toMatchObject({
        startByte: 0,
        totalBytes: file.length,
      });
      await download.body.cancel();
    });

    it("says that a download broke off, and goes on behind what came", async () => {
      const { uploadUrl } = await obtain();
      const { downloadUrl } = await client.upload(uploadUrl, streamOf(file));
      dropDownloadAfterBytes = 200_000;
      const first = await client.download(downloadUrl, { fromByte: 0 });
      const received: Uint8Array[] = [];
      const reading = async () => {
        for await (const chunk of first.body) received.push(chunk);
      };
      await expect(reading()).rejects.toEqual(withCode("storageUnavailable"));
      dropDownloadAfterBytes = Infinity;
      const fromByte = Buffer.concat(received).length;
      const rest = await client.download(downloadUrl, { fromByte });
      expect(rest.startByte).toBe(fromByte);
      received.push(await readAll(rest.body));
      expect(sha256(Buffer.concat(received))).toBe(sha256(file));
    });

    it("finds nothing where nothing was uploaded, and uses nothing up", async () => {
      const { uploadUrl } = await obtain();
      expect(await client.findUpload(uploadUrl)).toBeUndefined();
      expect(await client.findUpload(uploadUrl)).toBeUndefined();
      await client.upload(uploadUrl, streamOf(file));
    });

    it.each(["accepted", "received"] as const)(
      "can upload again when the connection broke before anything was kept (%s)",
      async (step) => {
        const { uploadUrl } = await obtain();
        dropUploadAt = step;
        await expect(client.upload(uploadUrl, streamOf(file))).rejects.toEqual(
          withCode("storageUnavailable"),
        );
        dropUploadAt = undefined;
        expect(await client.findUpload(uploadUrl)).toBeUndefined();
        expect(await client.upload(uploadUrl, streamOf(file))).toMatchObject({
          sha256Hex: sha256(file),
        });
      },
    );

    it("finds a file whose answer was lost", async () => {
      const { uploadUrl } = await obtain();
      dropUploadAt = "stored";
      const outcome: unknown = await client
        .upload(uploadUrl, streamOf(file))
        .catch((error: unknown) => error);
      dropUploadAt = undefined;
      // A browser sends again by itself when a connection breaks, and the service says that it has the file.
      expect([
        withCode("storageUnavailable"),
        expect.objectContaining({ sha256Hex: sha256(file) }),
      ]).toContainEqual(outcome);
      const found = await client.findUpload(uploadUrl);
      expect(found).toMatchObject({
        sizeBytes: file.length,
        sha256Hex: sha256(file),
      });
    });

    it("uploads once for one authorization", async () => {
      const { uploadUrl } = await obtain();
      await client.upload(uploadUrl, streamOf(file));
      await expect(client.upload(uploadUrl, streamOf(file))).rejects.toEqual(
        withCode("uploadAuthorizationUsed"),
      );
    });

    it("says that a file is too large, and reads no more of it than it must", async () => {
      const { uploadUrl } = await obtain();
      let readBytes = 0;
      let cancelled = false;
      const endless = new ReadableStream<Uint8Array>(
        {
          pull: (controller) => {
            readBytes += 65_536;
            controller.enqueue(new Uint8Array(65_536));
          },
          cancel: () => {
            cancelled = true;
          },
        },
        { highWaterMark: 0 },
      );
      await expect(client.upload(uploadUrl, endless)).rejects.toEqual(
        withCode("backupTooLarge"),
      );
      expect(cancelled).toBe(true);
      expect(readBytes).toBeLessThan(maxBytes + 8_000_000);
    });

    it("asks before it sends: a refused upload reads no more than the beginning of the file", async () => {
      const { uploadUrl } = await obtain();
      await client.upload(uploadUrl, streamOf(file));
      let reads = 0;
      const watched = new ReadableStream<Uint8Array>(
        {
          pull: (controller) => {
            reads += 1;
            controller.enqueue(new Uint8Array(1_000));
          },
        },
        { highWaterMark: 0 },
      );
      await expect(client.upload(uploadUrl, watched)).rejects.toEqual(
        withCode("uploadAuthorizationUsed"),
      );
      expect(reads).toBeLessThanOrEqual(1);
    });

    it("hands on the error of the stream, and the service keeps nothing", async () => {
      const { uploadUrl } = await obtain();
      const problem = new Error("the archive is gone");
      let chunks = 0;
      const broken = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          chunks += 1;
          if (chunks > 3) controller.error(problem);
          else controller.enqueue(new Uint8Array(65_536));
        },
      });
      await expect(client.upload(uploadUrl, broken)).rejects.toBe(problem);
      await waitFor("the service to take the next upload", async () => {
        try {
          return await client.upload(uploadUrl, streamOf(file));
        } catch {
          return undefined;
        }
      });
    });

    it("stops at once when the signal aborts, and cancels the stream", async () => {
      const { uploadUrl } = await obtain();
      const stop = new AbortController();
      let cancelled = false;
      const slow = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new Uint8Array(10)),
        cancel: () => {
          cancelled = true;
        },
      });
      const uploading = client.upload(uploadUrl, slow, {
        signal: stop.signal,
        onProgress: () => stop.abort(),
      });
      await expect(uploading).rejects.toEqual(withCode("aborted"));
      expect(cancelled).toBe(true);
    });

    it("stops when the signal aborts before the file has begun", async () => {
      const { uploadUrl } = await obtain();
      const stop = new AbortController();
      let cancelled = false;
      const silent = new ReadableStream<Uint8Array>({
        cancel: () => {
          cancelled = true;
        },
      });
      const uploading = client.upload(uploadUrl, silent, {
        signal: stop.signal,
      });
      stop.abort();
      await expect(uploading).rejects.toEqual(withCode("aborted"));
      expect(cancelled).toBe(true);
    });

    it("stops a download when the signal aborts", async () => {
      const { uploadUrl } = await obtain();
      const { downloadUrl } = await client.upload(uploadUrl, streamOf(file));
      const stop = new AbortController();
      const { body } = await client.download(downloadUrl, {
        fromByte: 0,
        signal: stop.signal,
      });
      const reader = body.getReader();
      await reader.read();
      stop.abort();
      const drain = async () => {
        while (!(await reader.read()).done);
      };
      await expect(drain()).rejects.toEqual(withCode("aborted"));
    });

    it("never ends a stopped download as if it were whole, though every byte has arrived", async () => {
      const { uploadUrl } = await obtain();
      const { downloadUrl } = await client.upload(
        uploadUrl,
        streamOf(file.subarray(0, 10)),
      );
      const stop = new AbortController();
      const { body } = await client.download(downloadUrl, {
        fromByte: 0,
        signal: stop.signal,
      });
      const reader = body.getReader();
      expect((await reader.read()).value?.length).toBe(10);
      stop.abort();
      await expect(reader.read()).rejects.toEqual(withCode("aborted"));
    });

    it("does nothing when the signal was aborted before", async () => {
      const { uploadUrl } = await obtain();
      const before = storage.provider.requests.length;
      const options = { signal: AbortSignal.abort() };
      for (const call of [
        () => client.obtainUploadAuthorization(storage.url, options),
        () => client.upload(uploadUrl, streamOf(file), options),
        () => client.findUpload(uploadUrl, options),
        () => client.download(uploadUrl, { fromByte: 0, ...options }),
      ])
        await expect(call()).rejects.toEqual(withCode("aborted"));
      expect(storage.provider.requests.length).toBe(before);
    });

    it("deletes with the receipt, also what is gone already", async () => {
      const { uploadUrl, deletion } = await obtain();
      const { downloadUrl } = await client.upload(uploadUrl, streamOf(file));
      if (deletion === undefined) throw new Error("no receipt was given");
      await client.deleteBackup(deletion);
      await client.deleteBackup(deletion);
      await expect(
        client.download(downloadUrl, { fromByte: 0 }),
      ).rejects.toEqual(withCode("backupGone"));
    });

    it("deletes nothing with another receipt", async () => {
      const { uploadUrl, deletion } = await obtain();
      const other = await obtain();
      const { downloadUrl } = await client.upload(uploadUrl, streamOf(file));
      if (deletion === undefined || other.deletion === undefined)
        throw new Error("no receipt was given");
      await expect(
        client.deleteBackup({
          url: deletion.url,
          receiptKey: other.deletion.receiptKey,
        }),
      ).rejects.toEqual(withCode("storageRefused"));
      const { body } = await client.download(downloadUrl, { fromByte: 0 });
      await body.cancel();
    });

    it("says that there is no service", async () => {
      const { uploadUrl } = await obtain();
      await storage.provider.close();
      for (const call of [
        () => client.obtainUploadAuthorization(storage.url),
        () => client.upload(uploadUrl, streamOf(file)),
        () => client.findUpload(uploadUrl),
        () => client.download(uploadUrl, { fromByte: 0 }),
      ])
        await expect(call()).rejects.toEqual(withCode("storageUnavailable"));
    });

    it("works with a service that does no more than XIP-31 asks for", async () => {
      const files: Uint8Array[] = [];
      const server = createServer((request, response) => {
        // Any page may ask, as every service has to say that browsers are to use.
        response.setHeader("access-control-allow-origin", "*");
        if (request.method === "OPTIONS") {
          response.setHeader(
            "access-control-allow-headers",
            "content-type, idempotency-key, range",
          );
          response.end();
          return;
        }
        const chunks: Uint8Array[] = [];
        request.on("data", (chunk: Uint8Array) => chunks.push(chunk));
        request.on("end", () => {
          const { port } = server.address() as { port: number };
          if (request.method === "POST" && request.url === "/backups") {
            const body = Buffer.concat(chunks);
            const start = body.indexOf("\r\n\r\n") + 4;
            files.push(body.subarray(start, body.lastIndexOf("\r\n--")));
            response.end(
              JSON.stringify({
                downloadUrl: `http://127.0.0.1:${port}/backups/${files.length}`,
              }),
            );
            return;
          }
          const index = /^\/backups\/(\d+)$/.exec(request.url ?? "")?.[1];
          const found = index && files[Number(index) - 1];
          if (request.method === "GET" && found) response.end(found);
          else response.writeHead(404).end();
        });
      });
      await new Promise<void>((resolve) =>
        server.listen(0, "127.0.0.1", resolve),
      );
      try {
        const { port } = server.address() as { port: number };
        const { uploadUrl, deletion } = await client.obtainUploadAuthorization(
          `http://127.0.0.1:${port}/`,
        );
        expect(deletion).toBeUndefined();
        expect(await client.findUpload(uploadUrl)).toBeUndefined();
        const stored = await client.upload(uploadUrl, streamOf(file));
        expect(Object.keys(stored)).toEqual(["downloadUrl"]);
        const whole = await client.download(stored.downloadUrl, {
          fromByte: 1_000,
        });
        expect(whole.startByte).toBe(0);
        expect(sha256(await readAll(whole.body))).toBe(sha256(file));
      } finally {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    });
  });
}
