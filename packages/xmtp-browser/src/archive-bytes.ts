import type { History, RandomBytes } from "@carryover/client";
import {
  archiveKeyBytes,
  assertExportNotAborted,
  exportCall,
  importCall,
  unlessExportAborted,
} from "@carryover/xmtp-shared";
import { archiveElements, type XmtpClient } from "./sdk-values.js";

/**
 * XMTP archives, which the library takes and gives as bytes. A whole archive is in memory at least once while the library
 * makes it: that bounds how much history a browser can answer with. What is imported comes in small pieces.
 */
export function createArchiveBytes(
  client: XmtpClient,
  randomBytes: RandomBytes,
): Pick<History, "exportArchive" | "importArchive"> {
  return {
    exportArchive: async ({ elements, signal }) => {
      assertExportNotAborted(signal);
      const key = randomBytes(archiveKeyBytes);
      const exporting = exportCall(
        () =>
          client.createArchive(key, {
            elements: elements.map((element) => archiveElements[element]),
            excludeDisappearingMessages: true,
          }),
        signal,
      );
      const bytes = await unlessExportAborted(exporting, signal);
      // The browser may keep it on its disk from here on, where it is gone with the page.
      let blob: Blob | undefined = new Blob([bytes as BlobPart]);
      return {
        archive: blob.stream(),
        key,
        written: Promise.resolve(),
        dispose: async () => {
          blob = undefined;
        },
      };
    },
    // After a time-out the client answers nothing any more until it is closed.
    importArchive: (archive, key, { timeoutMs }) =>
      importCall(() => client.importArchive(archive, key), { timeoutMs }),
  };
}
