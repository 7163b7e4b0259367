import fc from "fast-check";
import { expect, test } from "vitest";
import { LocalNetworkError } from "./errors.js";
import { privateMessage, publicMessage, uint } from "./fixtures/mls.js";
import { parseGroupMessageFraming } from "./group-message-framing.js";

const groupId = Buffer.from("00112233445566778899aabbccddeeff", "hex");

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof LocalNetworkError) return error.code;
    throw error;
  }
  return "accepted";
}

test.each(["application", "proposal", "commit"] as const)(
  "reads group id and kind of a private message: %s",
  (content) => {
    const framing = parseGroupMessageFraming(
      privateMessage({ groupId, content }),
    );
    expect(Buffer.compare(framing.groupId, groupId)).toBe(0);
    expect(framing.content).toBe(content);
  },
);

test.each([
  "member",
  "external",
  "newMemberProposal",
  "newMemberCommit",
] as const)(
  "reads group id and kind of a public message from: %s",
  (sender) => {
    const framing = parseGroupMessageFraming(
      publicMessage({ groupId, sender }),
    );
    expect(Buffer.compare(framing.groupId, groupId)).toBe(0);
    expect(framing.content).toBe("commit");
  },
);

test("a private message cut at any byte is a typed error", () => {
  const bytes = privateMessage({ groupId });
  for (let length = 0; length < bytes.length; length += 1)
    expect(
      codeOf(() => parseGroupMessageFraming(bytes.subarray(0, length))),
    ).toBe("malformedMls");
});

test("a public message cut before its content is a typed error", () => {
  const bytes = publicMessage({ groupId });
  const read = bytes.length - "the rest is not read".length;
  for (let length = 0; length < read; length += 1)
    expect(
      codeOf(() => parseGroupMessageFraming(bytes.subarray(0, length))),
    ).toBe("malformedMls");
  expect(codeOf(() => parseGroupMessageFraming(bytes.subarray(0, read)))).toBe(
    "accepted",
  );
});

test("bytes after the message are ignored", () => {
  const bytes = Buffer.concat([
    privateMessage({ groupId }),
    Buffer.from("more"),
  ]);
  expect(parseGroupMessageFraming(bytes).content).toBe("application");
});

test.each([
  ["version", 0, uint(2, 2)],
  ["wire format of a welcome", 2, uint(3, 2)],
  ["wire format of a key package", 2, uint(5, 2)],
  ["content type", 4 + 17 + 8, uint(4, 1)],
])("an unknown %s is a typed error", (_, offset, bytes) => {
  const message = privateMessage({ groupId });
  message.set(bytes, offset);
  expect(codeOf(() => parseGroupMessageFraming(message))).toBe("malformedMls");
});

test("an unknown sender is a typed error", () => {
  const message = publicMessage({ groupId });
  message.set(uint(9, 1), 4 + 17 + 8);
  expect(codeOf(() => parseGroupMessageFraming(message))).toBe("malformedMls");
});

test("any bytes give a result or a typed error", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.boolean(),
      (bytes, plausible) => {
        const input = plausible
          ? Buffer.concat([Buffer.from([0, 1, 0, 2]), bytes])
          : bytes;
        expect(["accepted", "malformedMls"]).toContain(
          codeOf(() => parseGroupMessageFraming(input)),
        );
      },
    ),
  );
});
