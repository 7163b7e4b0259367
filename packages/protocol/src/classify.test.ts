import { expect, it } from "vitest";
import {
  classifyBackupMessage,
  isBackupMessageContentType,
} from "./classify.js";
import {
  backupMessageContentType,
  maxBackupMessageBytes,
} from "./content-type.js";
import { encodePadlockMessagePayload } from "./padlock-message-payload.js";
import { requester, samplePayloads, sealedBy } from "./testing/samples.js";
import { bytesField, utf8 } from "./testing/wire-bytes.js";

it.each(Object.values(samplePayloads))("tells a $kind", (payload) => {
  expect(classifyBackupMessage(sealedBy(requester, payload))).toBe(
    payload.kind,
  );
});

it.each<[string, Uint8Array]>([
  ["nothing", new Uint8Array()],
  ["chat", utf8("hello")],
  [
    "a payload without an envelope",
    encodePadlockMessagePayload(samplePayloads.request),
  ],
  ["an envelope around nothing", bytesField(16, utf8("x"))],
  ["too many bytes", new Uint8Array(maxBackupMessageBytes + 1)],
])("takes %s for no message of this protocol", (_, content) => {
  expect(classifyBackupMessage(content)).toBeUndefined();
});

it("knows the content type in every version", () => {
  const type = { ...backupMessageContentType };
  expect(isBackupMessageContentType(type)).toBe(true);
  const later = { ...type, versionMajor: 2, versionMinor: 7 };
  expect(isBackupMessageContentType(later)).toBe(true);
  expect(isBackupMessageContentType({ ...type, typeId: "text" })).toBe(false);
  expect(isBackupMessageContentType({ ...type, authorityId: "xmtp.org" })).toBe(
    false,
  );
  expect(isBackupMessageContentType(undefined)).toBe(false);
});
