import { describeBackupFileVectors } from "@carryover/testkit/backup-file-vectors";
import { createNodePorts } from "./node-ports.js";

describeBackupFileVectors("Node ports", createNodePorts());
