import { describeBackupFilePorts } from "@carryover/testkit/backup-file-ports";
import { createPortablePorts } from "./portable.js";

describeBackupFilePorts(
  "portable ports",
  createPortablePorts,
  createPortablePorts(),
);
