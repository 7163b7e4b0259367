import type { DecodedMessage } from "@xmtp/node-sdk";
import { describe, expect, it } from "vitest";
import { digestMessages } from "./conversation-digest.js";

type Shown = Pick<
  DecodedMessage,
  "id" | "senderInboxId" | "sentAtNs" | "contentType" | "content" | "reactions"
>;

const text = {
  authorityId: "xmtp.org",
  typeId: "text",
  versionMajor: 1,
  versionMinor: 0,
};

const message = (changes: Partial<Shown> = {}): DecodedMessage<never> =>
  ({
    id: "01",
    senderInboxId: "aa",
    sentAtNs: 5n,
    contentType: text,
    content: "hello",
    reactions: [],
    ...changes,
  }) as unknown as DecodedMessage<never>;

describe("digest of a conversation", () => {
  const same = digestMessages([message(), message({ id: "02" })], { aa: 1 });

  it("does not depend on the order of messages or of keys", () => {
    expect(
      digestMessages(
        [
          message({
            id: "02",
            contentType: {
              versionMinor: 0,
              versionMajor: 1,
              typeId: "text",
              authorityId: "xmtp.org",
            },
          }),
          message(),
        ],
        { aa: 1 },
      ),
    ).toBe(same);
  });

  it.each<[string, DecodedMessage[], Record<string, number>]>([
    ["a message is missing", [message()], { aa: 1 }],
    [
      "one letter is another",
      [message(), message({ id: "02", content: "hellp" })],
      { aa: 1 },
    ],
    [
      "the author is another",
      [message(), message({ id: "02", senderInboxId: "bb" })],
      { aa: 1 },
    ],
    [
      "the time is one nanosecond off",
      [message(), message({ id: "02", sentAtNs: 6n })],
      { aa: 1 },
    ],
    [
      "there is one reaction more",
      [
        message(),
        message({ id: "02", reactions: [message({ id: "03" })] }),
      ] as DecodedMessage[],
      { aa: 1 },
    ],
    ["somebody read further", [message(), message({ id: "02" })], { aa: 2 }],
    [
      "bytes differ",
      [
        message(),
        message({ id: "02", content: { content: Uint8Array.of(1, 2) } }),
      ],
      { aa: 1 },
    ],
  ])("changes when %s", (_what, messages, lastReadTimes) => {
    expect(digestMessages(messages, lastReadTimes)).not.toBe(same);
  });

  it("does not read on into the message that a reply answers", () => {
    const reply = (inReplyTo: unknown) =>
      message({ content: { referenceId: "01", content: "yes", inReplyTo } });
    expect(digestMessages([reply(null)], {})).toBe(
      digestMessages([reply(message())], {}),
    );
  });
});
