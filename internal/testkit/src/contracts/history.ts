import { randomBytes } from "node:crypto";
import { readXmtpArchive, writeXmtpArchive } from "@carryover/backup-file";
import { CarryoverError, type History } from "@carryover/client";
import { createNodePorts } from "@carryover/xmtp-node";
import { type InstallationId, parseInstallationId } from "@carryover/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { NetworkLink } from "../network-link.js";
import { describeWorlds, inWorldOf, type Worlds } from "./worlds.js";

/** Two installations of one inbox on a real network: one with a history, one that was made afterwards. */
export interface HistorySubject {
  readonly old: History;
  readonly fresh: History;
  readonly freshInstallationId: InstallationId;
  /** `travelling`: the adapter runs elsewhere, and hears of an abort a little later. */
  readonly signals?: "here" | "travelling";
  /** What `old` reaches the network through. */
  readonly oldLink: Pick<NetworkLink, "cut" | "mend">;
  /** What `old` has, by `populateConversations`; and a backup channel. Conversation ids. */
  readonly seeded: {
    readonly group: string;
    readonly joined: string;
    readonly dm: string;
    readonly denied: string;
    readonly disappearing: string;
    readonly backupChannel: string;
    /** In `group`. */
    readonly messageIds: readonly string[];
  };
  /** Writes a text from `fresh`; resolves when the other member of the conversation has read it. */
  readonly writeFromFresh: (
    conversationId: string,
    text: string,
  ) => Promise<void>;
  /** Sends a text from `old` in the DM, right now. */
  readonly writeFromOld: (
    conversationId: string,
    text: string,
  ) => Promise<void>;
  /** Registers one more installation of the inbox, and tells which conversations it has. */
  readonly oneMoreInstallation: () => Promise<{
    readonly installationId: InstallationId;
    conversationIds(): Promise<string[]>;
  }>;
  close(): Promise<void>;
}

const failure = (code: string): unknown =>
  expect.objectContaining({ constructor: CarryoverError, code });

async function readAll(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(body).arrayBuffer());
}

/** As the engine does: the library's importer can spin over its own archives, unless records stand at the right distance. */
async function repack(bytes: Uint8Array, key: Uint8Array) {
  const ports = createNodePorts();
  const { elements } = await readXmtpArchive({
    archive: new Blob([Uint8Array.from(bytes)]).stream(),
    key,
    ports,
  });
  const { archive } = writeXmtpArchive({ elements, key, ports });
  return await readAll(archive);
}

async function exportAll(history: History) {
  const exported = await history.exportArchive({
    elements: ["messages", "consent"],
  });
  const bytes = await readAll(exported.archive);
  await exported.written;
  await exported.dispose();
  return { bytes, key: exported.key };
}

/**
 * What every implementation of `History` must do. Run it for each of them.
 *
 * @param options.worlds - `sideBySide` where several can be made at once: much of the time goes by with waiting, since the
 * library looks for new installations only every five seconds
 */
export function describeHistoryContract(
  name: string,
  makeSubject: () => Promise<HistorySubject>,
  { worlds = "oneByOne" }: { worlds?: Worlds } = {},
): void {
  describe(`${name}: history as it is`, () => {
    let subject: HistorySubject;
    beforeAll(async () => {
      subject = await makeSubject();
    });
    afterEach(() => subject.oldLink.mend());
    afterAll(() => subject.close());

    it("lists every conversation with its kind, consent and liveness, without a network", async () => {
      const { old, seeded, oldLink } = subject;
      oldLink.cut();
      const listed = new Map(
        (await old.listConversations()).map((info) => [
          info.conversationId,
          info,
        ]),
      );
      const expected = (
        id: string,
        kind: "group" | "dm",
        consent: string,
        isBackupChannel = false,
      ) =>
        expect(listed.get(id)).toEqual({
          conversationId: id,
          kind,
          consent,
          liveness: "live",
          isBackupChannel,
        });
      expected(seeded.group, "group", "allowed");
      expected(seeded.joined, "group", "unknown");
      expected(seeded.dm, "dm", "allowed");
      expected(seeded.denied, "group", "denied");
      expected(seeded.disappearing, "group", "allowed");
      expected(seeded.backupChannel, "group", "allowed", true);
      expect(listed.size).toBe(6);
    });

    it("counts application messages and no membership changes", async () => {
      const { old, seeded } = subject;
      expect(await old.countMessages(seeded.group)).toBe(
        seeded.messageIds.length,
      );
      expect(await old.countMessages(seeded.dm)).toBe(1);
      expect(await old.countMessages(seeded.joined)).toBe(1);
      expect(await old.countMessages("00".repeat(16))).toBe(0);
    });

    it("counts the messages that disappear by themselves, within a range", async () => {
      const { old, seeded } = subject;
      const count = (id: string, range = {}) =>
        old.countDisappearingMessages(id, range);
      expect(await count(seeded.group)).toBe(0);
      expect(await count(seeded.disappearing)).toBe(2);
      expect(await count("00".repeat(16))).toBe(0);
      const nowNs = BigInt(Date.now()) * 1_000_000n;
      expect(await count(seeded.disappearing, { endNs: nowNs })).toBe(2);
      expect(await count(seeded.disappearing, { startNs: nowNs })).toBe(0);
      expect(await count(seeded.disappearing, { endNs: 1n })).toBe(0);
      expect(await count(seeded.disappearing, { startNs: 1n })).toBe(2);
    });

    it("knows which messages it has", async () => {
      const { old, fresh, seeded } = subject;
      const ids = [...seeded.messageIds, "ff".repeat(32), "no id"];
      const all = [...seeded.messageIds.map(() => true), false, false];
      expect(await old.hasMessages(ids)).toEqual(all);
      expect(await old.hasMessages([])).toEqual([]);
      expect(await fresh.hasMessages(ids)).toEqual(ids.map(() => false));
    });

    it("encrypts every archive under a key of its own", async () => {
      const first = await exportAll(subject.old);
      const second = await exportAll(subject.old);
      expect(first.key.length).toBe(32);
      expect(second.key).not.toEqual(first.key);
    });

    it("lets go of an archive that nobody reads", async () => {
      const exported = await subject.old.exportArchive({
        elements: ["messages"],
      });
      const reader = exported.archive.getReader();
      await reader.read();
      await reader.cancel();
      await exported.dispose();
      await exported.dispose();
    });

    it("stops an export when the signal aborts", async () => {
      await expect(
        subject.old.exportArchive({
          elements: ["messages"],
          signal: AbortSignal.abort(),
        }),
      ).rejects.toEqual(failure("aborted"));
      const stop = new AbortController();
      const exporting = subject.old.exportArchive({
        elements: ["messages"],
        signal: stop.signal,
      });
      stop.abort();
      const outcome = await exporting.then(
        async (exported) => {
          const end = await exported.written.then(
            () => "tooLate",
            (error: unknown) => error,
          );
          await exported.dispose();
          return end;
        },
        (error: unknown) => error,
      );
      // One that travels can come when everything is written.
      if (subject.signals !== "travelling" || outcome !== "tooLate")
        expect(outcome).toEqual(failure("aborted"));
    });

    it("refuses an archive under another key, and one that is none", async () => {
      const { bytes } = await exportAll(subject.old);
      const options = { timeoutMs: 30_000 };
      await expect(
        subject.fresh.importArchive(bytes, randomBytes(32), options),
      ).rejects.toEqual(failure("importFailed"));
      await expect(
        subject.fresh.importArchive(randomBytes(500), randomBytes(32), options),
      ).rejects.toEqual(failure("importFailed"));
    });

    it("sets and reads the consent of conversations and inboxes", async () => {
      const { old, seeded } = subject;
      const inbox = "ab".repeat(32);
      const entities = [
        { entityType: "conversation", entity: seeded.group },
        { entityType: "inbox", entity: inbox },
        { entityType: "conversation", entity: seeded.denied },
      ] as const;
      expect(await old.getConsent(entities)).toEqual([
        "allowed",
        "unknown",
        "denied",
      ]);
      await old.setConsent([
        { ...entities[0], state: "denied" },
        { ...entities[1], state: "allowed" },
        { ...entities[2], state: "unknown" },
      ]);
      expect(await old.getConsent(entities)).toEqual([
        "denied",
        "allowed",
        "unknown",
      ]);
      await old.setConsent([]);
    });
  });

  const inWorld = inWorldOf(makeSubject);
  const options = describeWorlds(worlds);
  describe(`${name}: history as it is changed`, options, () => {
    const importAll = async (subject: HistorySubject) => {
      const { bytes, key } = await exportAll(subject.old);
      await subject.fresh.importArchive(await repack(bytes, key), key, {
        timeoutMs: 30_000,
      });
    };

    it(
      "moves a history from an archive, without what disappears",
      inWorld(async (subject) => {
        const { fresh, seeded } = subject;
        await importAll(subject);
        expect(await fresh.hasMessages(seeded.messageIds)).toEqual(
          seeded.messageIds.map(() => true),
        );
        expect(await fresh.countMessages(seeded.group)).toBe(
          seeded.messageIds.length,
        );
        expect(await fresh.countMessages(seeded.disappearing)).toBe(1);
        const restored = (await fresh.listConversations()).filter(
          ({ conversationId }) => conversationId !== seeded.backupChannel,
        );
        expect(restored.map(({ liveness }) => liveness)).toEqual(
          Array.from({ length: 5 }, () => "inactive"),
        );
      }),
    );

    it(
      "imports an archive twice and adds nothing twice",
      inWorld(async (subject) => {
        const { fresh, seeded } = subject;
        await importAll(subject);
        await importAll(subject);
        expect(await fresh.countMessages(seeded.group)).toBe(
          seeded.messageIds.length,
        );
      }),
    );

    it(
      "makes restored conversations live: own groups, others' groups and DMs",
      inWorld(async (subject) => {
        const { old, fresh, freshInstallationId, seeded, writeFromFresh } =
          subject;
        await importAll(subject);
        const ids = [seeded.group, seeded.joined, seeded.dm];
        for (const id of ids)
          await old.addMissingInstallations(id, freshInstallationId);
        await fresh.sync();
        const liveness = new Map(
          (await fresh.listConversations()).map((info) => [
            info.conversationId,
            info.liveness,
          ]),
        );
        expect(ids.map((id) => liveness.get(id))).toEqual([
          "live",
          "live",
          "live",
        ]);
        for (const id of ids) await writeFromFresh(id, "I am back");
      }),
    );

    it(
      "adds an installation to a DM that was written in a moment before",
      inWorld(async (subject) => {
        const { old, seeded, writeFromOld, oneMoreInstallation } = subject;
        const { freshInstallationId } = subject;
        await old.addMissingInstallations(seeded.dm, freshInstallationId);
        await writeFromOld(seeded.dm, "the library has just looked");
        const newest = await oneMoreInstallation();
        await old.addMissingInstallations(seeded.dm, newest.installationId);
        expect(await newest.conversationIds()).toContain(seeded.dm);
      }),
    );

    it(
      "says so when a conversation cannot be made live from here",
      inWorld(async (subject) => {
        const { fresh, freshInstallationId, old, seeded, oldLink } = subject;
        await importAll(subject);
        for (const id of [seeded.group, "00".repeat(16)])
          await expect(
            fresh.addMissingInstallations(id, freshInstallationId),
          ).rejects.toEqual(failure("wrongState"));
        const nobody = parseInstallationId("0a".repeat(32));
        for (const id of [seeded.group, seeded.dm])
          await expect(old.addMissingInstallations(id, nobody)).rejects.toEqual(
            failure("wrongState"),
          );
        oldLink.cut();
        await expect(
          old.addMissingInstallations(seeded.group, freshInstallationId),
        ).rejects.toEqual(failure("networkUnavailable"));
        await expect(old.sync()).rejects.toEqual(failure("networkUnavailable"));
      }),
    );
  });
}
