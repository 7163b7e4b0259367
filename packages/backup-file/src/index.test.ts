import { expect, it } from "vitest";
import * as publicNames from "./index.js";

it("exports exactly these names", () => {
  expect(Object.keys(publicNames).sort()).toEqual([
    "ARCHIVE_KEY_BYTES",
    "BackupFileError",
    "DETECT_BYTES",
    "FORMAT_NAME",
    "FORMAT_VERSION",
    "XMTP_ARCHIVE_VERSION",
    "createElementCounter",
    "createMetadataElement",
    "createOwnerCheck",
    "createPortablePorts",
    "defaultLimits",
    "detectFormat",
    "detectFormatOfStream",
    "elementRecord",
    "filterElements",
    "inspectBackupFile",
    "planImportBatches",
    "readAll",
    "readMessageBackupFile",
    "readXmtpArchive",
    "verifyMessageBackupFile",
    "writeMessageBackupFile",
    "writeXmtpArchive",
  ]);
});
