import { describeBackupFileVectors } from "@carryover/testkit/backup-file-vectors";
import { createPortablePorts } from "./ports/portable.js";

describeBackupFileVectors("portable ports", createPortablePorts());
