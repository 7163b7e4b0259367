import { CarryoverError, type Channels } from "@carryover/client";
import { type ChannelId, maxBackupMessageBytes } from "@carryover/protocol";
import { describe, expect, it } from "vitest";
import type { NetworkLink } from "../network-link.js";
import { waitFor } from "../wait-for.js";
import { describeWorlds, inWorldOf, type Worlds } from "./worlds.js";

/** Two installations of one inbox, on a real network. */
export interface ChannelsSubject {
  readonly inboxId: string;
  readonly asking: Channels;
  readonly asked: Channels;
  /** What `asking` reaches the network through. */
  readonly askingLink: Pick<NetworkLink, "cut" | "mend">;
  /** What `asked` reaches the network through. */
  readonly askedLink: Pick<NetworkLink, "cut" | "mend">;
  close(): Promise<void>;
}

const hourNs = 60n * 60n * 1_000_000_000n;
/** The error that says so, of the right class. */
const unavailable: unknown = expect.objectContaining({
  constructor: CarryoverError,
  code: "networkUnavailable",
});

function follow(channels: Channels, signal: AbortSignal) {
  return channels.stream(signal)[Symbol.asyncIterator]();
}

/**
 * What every implementation of `Channels` must do. Run it for each of them.
 *
 * @param options.worlds - `sideBySide` where several can be made at once: much of the time goes by with waiting for a
 * network that is away
 */
export function describeChannelsContract(
  name: string,
  makeSubject: () => Promise<ChannelsSubject>,
  { worlds = "oneByOne" }: { worlds?: Worlds } = {},
): void {
  const inWorld = inWorldOf(makeSubject);
  describe(`${name}: channels`, describeWorlds(worlds), () => {
    const openChannel = async (
      { asking, asked }: ChannelsSubject,
      callId = "call-1",
    ): Promise<ChannelId> => {
      const channelId = await asking.create({
        callId,
        messageLifetimeNs: hourNs,
      });
      await asked.sync();
      return channelId;
    };
    const message = (content: Uint8Array, idempotencyKey = "key-1") => ({
      content,
      fallback: "for other apps",
      idempotencyKey,
      push: "push" as const,
    });

    it(
      "makes a channel that both installations list with its call id",
      inWorld(async (subject) => {
        const channelId = await openChannel(subject);
        expect(await subject.asking.list()).toEqual([
          { channelId, callId: "call-1" },
        ]);
        expect(await subject.asked.list()).toEqual([
          { channelId, callId: "call-1" },
        ]);
      }),
    );

    it(
      "describes a channel as a marked group of this inbox alone",
      inWorld(async (subject) => {
        const channelId = await openChannel(subject);
        const expected = {
          kind: "group",
          isMarked: true,
          memberInboxIds: [subject.inboxId],
        };
        expect(await subject.asking.describe(channelId)).toEqual(expected);
        expect(await subject.asked.describe(channelId)).toEqual(expected);
      }),
    );

    it(
      "describes no conversation that it does not know",
      inWorld(async (subject) => {
        expect(await subject.asked.describe("00".repeat(16))).toBeUndefined();
      }),
    );

    it(
      "carries the bytes, oldest first",
      inWorld(async (subject) => {
        const channelId = await openChannel(subject);
        const sent = [
          new Uint8Array(0),
          Uint8Array.of(0, 1, 255),
          new Uint8Array(maxBackupMessageBytes).fill(7),
        ];
        for (const [index, content] of sent.entries())
          await subject.asking.send(
            channelId,
            message(content, `key-${index}`),
          );
        await subject.asked.sync();
        const received = await subject.asked.messages(channelId);
        expect(
          received.map(({ content }, index) =>
            Buffer.compare(content, sent[index] ?? new Uint8Array(1)),
          ),
        ).toEqual([0, 0, 0]);
        expect(received.map(({ senderInboxId }) => senderInboxId)).toEqual(
          sent.map(() => subject.inboxId),
        );
        expect(received.map(({ conversationId }) => conversationId)).toEqual(
          sent.map(() => channelId),
        );
        expect(new Set(received.map(({ messageId }) => messageId)).size).toBe(
          3,
        );
      }),
    );

    it(
      "gives one byte more than is allowed of a message that is too long",
      inWorld(async (subject) => {
        const channelId = await openChannel(subject);
        await subject.asking.send(
          channelId,
          message(new Uint8Array(maxBackupMessageBytes + 10_000)),
        );
        await subject.asked.sync();
        const [received] = await subject.asked.messages(channelId);
        expect(received?.content.length).toBe(maxBackupMessageBytes + 1);
      }),
    );

    it(
      "sends once, however often it is called with the same key and content",
      inWorld(async (subject) => {
        const channelId = await openChannel(subject);
        for (let time = 0; time < 3; time += 1)
          await subject.asking.send(channelId, message(Uint8Array.of(1)));
        await subject.asked.sync();
        expect(await subject.asked.messages(channelId)).toHaveLength(1);
      }),
    );

    it(
      "sends on the next call what the network was not there for",
      inWorld(async (subject) => {
        const channelId = await openChannel(subject);
        await subject.asking.send(
          channelId,
          message(Uint8Array.of(1), "first"),
        );
        subject.askingLink.cut();
        await expect(
          subject.asking.send(channelId, message(Uint8Array.of(2), "second")),
        ).rejects.toEqual(unavailable);
        subject.askingLink.mend();
        await subject.asking.send(
          channelId,
          message(Uint8Array.of(2), "second"),
        );
        await subject.asked.sync();
        const received = await subject.asked.messages(channelId);
        expect(received.map(({ content }) => [...content])).toEqual([[1], [2]]);
      }),
    );

    it(
      "finishes a channel that the network was not there for, under the same call id",
      inWorld(async (subject) => {
        const { asking, askingLink } = subject;
        askingLink.cut();
        const create = () =>
          asking.create({ callId: "call-1", messageLifetimeNs: hourNs });
        await expect(create()).rejects.toEqual(unavailable);
        expect(await asking.list()).toEqual([]);
        askingLink.mend();
        const channelId = await create();
        await subject.asked.sync();
        expect(await subject.asked.list()).toEqual([
          { channelId, callId: "call-1" },
        ]);
        expect(await asking.list()).toEqual([{ channelId, callId: "call-1" }]);
      }),
    );

    it(
      "knows and fetches a channel that was hidden, also after it was written to",
      inWorld(async (subject) => {
        const channelId = await openChannel(subject);
        await subject.asked.hide(channelId);
        await subject.asking.send(channelId, message(Uint8Array.of(1)));
        await subject.asked.sync();
        await subject.asked.send(channelId, message(Uint8Array.of(2), "key-2"));
        expect(await subject.asked.list()).toEqual([
          { channelId, callId: "call-1" },
        ]);
        expect(await subject.asked.messages(channelId)).toHaveLength(2);
      }),
    );

    it(
      "deletes what is written after the messages were deleted",
      inWorld(async (subject) => {
        const channelId = await openChannel(subject);
        await subject.asking.deleteMessages(channelId);
        await subject.asking.deleteMessages(channelId);
        await subject.asked.sync();
        await subject.asked.send(channelId, message(Uint8Array.of(1)));
        await subject.asking.sync();
        await waitFor(
          "the message to disappear",
          async () =>
            [
              ...(await subject.asked.messages(channelId)),
              ...(await subject.asking.messages(channelId)),
            ].length === 0,
        );
      }),
    );

    it(
      "reads what is there without a network, and says so when it cannot fetch",
      inWorld(async (subject) => {
        const channelId = await openChannel(subject);
        await subject.asking.send(channelId, message(Uint8Array.of(1)));
        await subject.asked.sync();
        subject.askedLink.cut();
        expect(await subject.asked.list()).toHaveLength(1);
        expect(await subject.asked.describe(channelId)).toMatchObject({
          memberInboxIds: [subject.inboxId],
        });
        expect(await subject.asked.messages(channelId)).toHaveLength(1);
        await expect(subject.asked.sync()).rejects.toEqual(unavailable);
        await expect(subject.asked.refresh(channelId)).rejects.toEqual(
          unavailable,
        );
      }),
    );

    it(
      "streams a gap first, then what arrives, also from a new and from a hidden channel",
      inWorld(async (subject) => {
        const hidden = await openChannel(subject, "hidden");
        await subject.asked.hide(hidden);
        const stop = new AbortController();
        const events = follow(subject.asked, stop.signal);
        expect(await events.next()).toEqual({
          done: false,
          value: { kind: "gap" },
        });
        await subject.asking.send(hidden, message(Uint8Array.of(1)));
        expect((await events.next()).value).toMatchObject({
          kind: "message",
          message: { conversationId: hidden, content: Uint8Array.of(1) },
        });
        const fresh = await openChannel(subject, "fresh");
        await subject.asking.send(fresh, message(Uint8Array.of(2)));
        expect((await events.next()).value).toMatchObject({
          kind: "message",
          message: { conversationId: fresh, content: Uint8Array.of(2) },
        });
        const last = events.next();
        stop.abort();
        expect(await last).toEqual({ done: true, value: undefined });
      }),
    );

    it(
      "tells of what was missed while the network was away, or of a gap and has it then",
      inWorld(async (subject) => {
        const channelId = await openChannel(subject);
        const stop = new AbortController();
        const events = follow(subject.asked, stop.signal);
        expect((await events.next()).value).toEqual({ kind: "gap" });
        subject.askedLink.cut();
        await subject.asking.send(
          channelId,
          message(Uint8Array.of(1), "missed"),
        );
        const next = events.next();
        subject.askedLink.mend();
        const event = await next;
        if (event.done === true) throw new Error("the stream has ended");
        // An SDK that connects again by itself goes on where it was; another one has fetched what came meanwhile.
        const missed =
          event.value.kind === "message"
            ? [event.value.message]
            : await subject.asked.messages(channelId);
        expect(missed).toMatchObject([{ content: Uint8Array.of(1) }]);
        await subject.asking.send(channelId, message(Uint8Array.of(2), "live"));
        expect((await events.next()).value).toMatchObject({
          kind: "message",
          message: { content: Uint8Array.of(2) },
        });
        stop.abort();
      }),
    );

    it(
      "ends a stream that cannot connect when the signal aborts",
      inWorld(async (subject) => {
        subject.askedLink.cut();
        const stop = new AbortController();
        const next = follow(subject.asked, stop.signal).next();
        stop.abort();
        expect(await next).toEqual({ done: true, value: undefined });
      }),
    );
  });
}
