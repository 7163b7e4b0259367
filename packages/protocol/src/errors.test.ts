import { expect, it } from "vitest";
import { ProtocolError, type ProtocolErrorCode } from "./errors.js";

const codes = Object.keys({
  tooLarge: 0,
  malformed: 0,
  unknownContents: 0,
  missingField: 0,
  invalidField: 0,
  badSignature: 0,
} satisfies Record<ProtocolErrorCode, 0>) as ProtocolErrorCode[];

it.each(codes)("%s has one line of advice, and is final", (code) => {
  const cause = new Error("below");
  const error = new ProtocolError(code, "field: why", { cause });
  expect(error).toBeInstanceOf(Error);
  expect(error).toMatchObject({
    name: "ProtocolError",
    message: "field: why",
    code,
    retryable: false,
    cause,
  });
  expect(error.advice).toMatch(/^[A-Z][^\n]*\.$/);
});
