import { createPortablePorts } from "@carryover/backup-file";
import {
  describeBackupFilePorts,
  describeInflateRawEnd,
} from "@carryover/testkit/backup-file-ports";
import { createNodePorts } from "./node-ports.js";

describeBackupFilePorts("Node ports", createNodePorts, createPortablePorts());
describeInflateRawEnd("Node ports", createNodePorts());
