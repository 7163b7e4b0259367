import {
  accountFileFromBlob,
  inspectBackupAccountFile,
} from "@carryover/xmtp-browser";
import type { ChosenFile } from "./chosen-file.js";
import type { FileAccessEvent } from "./file-access.js";
import type { LongWork } from "./long-work.js";

/** Says what opens a file that was chosen: the first thing that every task does with one. */
export function lookAtProtection(
  work: LongWork,
  { blob }: ChosenFile,
  send: (event: FileAccessEvent) => void,
): void {
  work.run(
    ({ signal }) =>
      inspectBackupAccountFile({ file: accountFileFromBlob(blob), signal }),
    {
      done: ({ protection }) => send({ kind: "lookedAt", protection }),
      failed: (problem) => send({ kind: "refused", problem }),
    },
  );
}
