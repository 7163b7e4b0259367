import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { bundlePage, startBrowser } from "@carryover/chromium";
import {
  createPerson,
  createTestNetwork,
  newInstallation,
  seedHistory,
  startStorageProvider,
} from "@carryover/testkit";
import { accountFileAt, createCarryover } from "@carryover/xmtp-node";
import { expect, test } from "vitest";
import type { AccountProgram } from "../testing/account-page.js";
import { watchBrowserMemory } from "../testing/browser-memory.js";

const messageCount = 20_000;
const conversationCount = 40;
const MiB = 1024 * 1024;

/**
 * What a page may take, with its workers: a fifth more than the most that was measured (628 to 713 MiB on machines of two
 * cores), so that one more copy of the history or of the library is seen, and well below the gigabyte and more at which
 * phones end a page.
 */
const maxPageBytes = 850 * MiB;

test(
  "20,000 messages of a Backup Account File answer a request, and become an archive, in the browser",
  { timeout: 600_000 },
  async () => {
    const network = await createTestNetwork();
    const storage = await startStorageProvider();
    const bundle = await bundlePage(
      new URL("../testing/account-page.ts", import.meta.url),
    );
    const browser = await startBrowser();
    network.onClose(() => storage.close());
    network.onClose(() => bundle.remove());
    network.onClose(() => browser.close());
    try {
      const alix = createPerson(network);
      const open = async () => {
        const client = await newInstallation(alix);
        const carryover = await createCarryover(client, {
          encryptionKey: new Uint8Array(32).fill(7),
          directory: join(await network.temporaryDirectory(), "carryover"),
          allowedStorageOrigins: [storage.url],
        });
        network.onClose(() => carryover.close());
        return { client, carryover };
      };
      const old = await open();
      const bo = await newInstallation(createPerson(network));
      const conversations: string[] = [];
      while (conversations.length < conversationCount)
        conversations.push(
          (await old.client.conversations.createGroup([bo.inboxId])).id,
        );
      const startNs = BigInt(Date.now() - 86_400_000) * 1_000_000n;
      await seedHistory(
        old.client,
        Array.from({ length: messageCount }, (_, index) => ({
          conversationId: conversations[index % conversationCount] ?? "",
          text: `message ${index}: ${"it was a dark and stormy night ".repeat(index % 6)}`,
          senderInboxId: index % 2 === 0 ? bo.inboxId : old.client.inboxId,
          sentAtNs: startNs + BigInt(index) * 1_000_000n,
        })),
      );
      const path = join(await network.temporaryDirectory(), "alix.backup");
      const passphrase = "correct horse battery staple";
      await old.carryover.createBackupAccountFile({
        file: accountFileAt(path),
        signer: alix.signer,
        protection: { kind: "passphrase", passphrase },
      });
      const bytes = new Uint8Array(await readFile(path));
      const fresh = await open();
      await fresh.carryover.requestRemoteMessageHistoryBackup({
        storageProviderUrl: storage.url,
        appName: "The new one",
        ask: "devicesAndBackupAccountFiles",
      });

      const { program, problems } = await browser.open<AccountProgram>(
        bundle.directory,
      );
      const work = {
        apiUrl: network.network.grpcWebUrl,
        allowedStorageOrigins: [storage.url],
      };
      const secret = { kind: "passphrase", passphrase } as const;
      const figures: Record<string, string> = {
        file: `${(bytes.length / MiB).toFixed(1)} MiB`,
      };
      const peaks: number[] = [];
      /** Says what a step took. */
      const measured = async <T>(
        name: string,
        step: () => Promise<T>,
      ): Promise<T> => {
        const memory = watchBrowserMemory();
        const startedMs = performance.now();
        const result = await step();
        const tookMs = performance.now() - startedMs;
        const peak = await memory.stop();
        peaks.push(peak?.pageBytes ?? 0);
        figures[name] =
          `${(tookMs / 1000).toFixed(1)} s; page ${((peak?.pageBytes ?? 0) / MiB).toFixed(0)} MiB, browser ${((peak?.browserBytes ?? 0) / MiB).toFixed(0)} MiB`;
        return result;
      };

      await measured("idle", () => program.inspect(bytes));
      const session = await measured("open and fetch", () =>
        program.openForRequests(work, bytes, secret, async () => undefined),
      );
      const [request] = await session.listInboundBackupRequests();
      const response = await measured("answer", () =>
        session.respondToBackupRequest(request?.requestId ?? "", "approve"),
      );
      expect(response.messageCount).toBe(messageCount);
      await session.close();
      const archive = await measured("into an archive", () =>
        program.measureArchive(work, bytes, secret),
      );
      expect(archive).toMatchObject({ conversationCount, messageCount });
      figures["archive"] = `${(archive.sizeBytes / MiB).toFixed(1)} MiB`;
      const verified = await measured("the drill", () =>
        program.verify(work, bytes, secret),
      );
      expect(verified.totals.messages).toBe(messageCount);
      expect(problems).toEqual([]);
      expect(Math.max(...peaks)).toBeLessThan(maxPageBytes);
      // Only Linux tells. There it must have been seen.
      expect(Math.min(...peaks) > 0).toBe(process.platform === "linux");

      await fresh.carryover.sync();
      const applied = await fresh.carryover.applyRemoteMessageHistoryBackup(
        request?.requestId ?? "",
      );
      expect(applied.totals.imported).toBe(messageCount);
      console.info(figures);
    } finally {
      await network.close();
    }
  },
);
