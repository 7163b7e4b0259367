import type { EngineContext } from "../engine-context.js";
import { CarryoverError } from "../errors.js";
import type { LongCallOptions } from "../progress.js";
import type { OutboundRecord } from "../state/engine-state.js";
import { storageOriginOf } from "../storage/storage-origin.js";

/**
 * XIP-31, "Flow for Backup Requesters" 5b and 5c: downloads the encrypted file into private storage, going on where an
 * interruption left it, and compares its SHA-256 with the response's. A file that differs is deleted at once.
 *
 * @throws {CarryoverError} `hashMismatch`, `sizeMismatch`, `backupUrlOriginMismatch`, `storageUnavailable`, …
 */
export async function downloadBackup(
  context: EngineContext,
  { downloadName, secrets, storageOrigin }: OutboundRecord,
  { onProgress, signal }: LongCallOptions,
): Promise<void> {
  const { backupFile, scratch } = context;
  const response = secrets?.response;
  if (response === undefined)
    throw new CarryoverError("responseNotFound", "the response is gone");
  const {
    backupUrl,
    backupFileSizeBytes: totalBytes,
    backupFileHash,
  } = response;
  if (storageOriginOf(backupUrl) !== storageOrigin)
    throw new CarryoverError(
      "backupUrlOriginMismatch",
      "the backup is not where the upload went",
    );

  let bytes = (await scratch.size(downloadName)) ?? 0;
  if (bytes > totalBytes) {
    await scratch.delete(downloadName);
    bytes = 0;
  }
  if (bytes < totalBytes) {
    const options = { fromByte: bytes, ...(signal && { signal }) };
    const {
      body,
      startByte,
      totalBytes: storedBytes,
    } = await context.storageProvider.download(backupUrl, options);
    if (storedBytes !== undefined && storedBytes !== totalBytes) {
      await body.cancel();
      throw new CarryoverError(
        "sizeMismatch",
        "the service holds a file of another size than announced",
      );
    }
    if (startByte !== bytes) await scratch.delete(downloadName);
    bytes = startByte;
    const meter = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        bytes += chunk.length;
        // A service that sends on and on must not fill the disk.
        if (bytes > totalBytes)
          throw new CarryoverError(
            "sizeMismatch",
            "the service sends more than was announced",
          );
        onProgress?.({ phase: "downloading", bytes, totalBytes });
        controller.enqueue(chunk);
      },
    });
    await body.pipeThrough(meter).pipeTo(await scratch.append(downloadName));
  }
  if ((await scratch.size(downloadName)) !== totalBytes)
    throw new CarryoverError("storageUnavailable", "the download ended early");

  const sha256 = backupFile.createSha256();
  for await (const chunk of await scratch.read(downloadName))
    sha256.update(chunk);
  if (!sameBytes(sha256.digest(), backupFileHash)) {
    await scratch.delete(downloadName);
    throw new CarryoverError(
      "hashMismatch",
      "the downloaded file has another SHA-256 than the response says",
    );
  }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
