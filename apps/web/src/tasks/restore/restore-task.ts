import {
  accountFileFromBlob,
  type RestoredArchive,
  restoreBackupAccountFileToArchive,
} from "@carryover/xmtp-browser";
import type { AppConfig } from "../../config/parse-config.js";
import { fileName } from "../../files/file-name.js";
import { type SavedFile, saveFile } from "../../files/save-file.js";
import { createTask } from "../../machine/task.js";
import { hexOfBytes } from "../../wallet/hex.js";
import { choosing } from "../shared/file-access.js";
import { createLongWork } from "../shared/long-work.js";
import { lookAtProtection } from "../shared/look-at-protection.js";
import { networkOfConfig } from "../shared/network.js";
import type { RunningTask } from "../shared/running-task.js";
import { stoppableSecret } from "../shared/stoppable-signer.js";
import {
  isRestoring,
  type RestoreEffect,
  type RestoreEvent,
  type RestoreState,
  restoreTransition,
} from "./restore-state.js";

interface Held {
  readonly restored: RestoredArchive;
  readonly archive: Blob;
}

/**
 * Carries out "Restore to an archive".
 *
 * @param clear - called at the end
 */
export function createRestoreTask(
  config: AppConfig,
  clear: () => Promise<void>,
): RunningTask<RestoreState, RestoreEvent> {
  const work = createLongWork();
  let held: Held | undefined;

  const close = async () => {
    const open = held;
    held = undefined;
    open?.restored.key.fill(0);
    await open?.restored.dispose();
  };

  const open = async (
    { file, secret }: RestoreEffect & { kind: "open" },
    bound: Parameters<Parameters<typeof work.run>[0]>[0],
  ) => {
    const restored = await restoreBackupAccountFileToArchive({
      network: networkOfConfig(config),
      file: accountFileFromBlob(file.blob),
      secret: stoppableSecret(secret, work),
      ...bound,
    });
    try {
      const archive = await blobOf(await restored.openArchive());
      bound.signal.throwIfAborted();
      held = { restored, archive };
      const {
        file: facts,
        conversationCount,
        messageCount,
        leftOut,
      } = restored;
      return {
        facts,
        counts: { conversationCount, messageCount, leftOut },
        sizeBytes: archive.size,
      };
    } catch (error) {
      await restored.dispose();
      throw error;
    }
  };

  const perform = (
    effect: RestoreEffect,
    send: (event: RestoreEvent) => void,
  ) => {
    switch (effect.kind) {
      case "lookAt":
        lookAtProtection(work, effect.file, send);
        return;
      case "open":
        work.run((bound) => open(effect, bound), {
          progressed: (progress) => send({ kind: "progressed", progress }),
          done: (archive) => send({ kind: "restored", archive }),
          failed: (problem) => send({ kind: "notRestored", problem }),
        });
        return;
      case "save":
        work.run(() => save(held, effect.what), {
          done: ({ kind }) => {
            if (kind !== "cancelled")
              send({ kind: "saved", what: effect.what });
          },
          failed: (problem) => send({ kind: "notSaved", problem }),
        });
        return;
      case "stop":
        work.stop();
        return;
      case "close":
        work.run(
          async () => {
            await close();
            await clear();
          },
          {
            done: () => send({ kind: "cleared" }),
            failed: (problem) => send({ kind: "cleared", problem }),
          },
        );
    }
  };

  const task = createTask<RestoreState, RestoreEvent, RestoreEffect>(
    choosing,
    restoreTransition,
    perform,
  );
  return {
    ...task,
    isBusy: () => isRestoring(task.getState()),
    dispose: async () => {
      work.stop();
      await work.settled();
      await close();
    },
  };
}

async function save(
  held: Held | undefined,
  what: "archive" | "key",
): Promise<SavedFile> {
  if (held === undefined) throw new Error("there is no archive");
  const { archive, restored } = held;
  const name = (ending: string) => fileName("history", Date.now(), ending);
  return what === "archive"
    ? await saveFile(archive, name("xmtp-archive"))
    : await saveFile(
        new Blob([`${hexOfBytes(restored.key)}\n`], { type: "text/plain" }),
        name("xmtp-archive-key.txt"),
      );
}

/** The browser keeps what is large on its disk, where it is gone with the page. It is encrypted. */
async function blobOf(stream: ReadableStream<Uint8Array>): Promise<Blob> {
  const parts: Blob[] = [];
  for await (const chunk of stream)
    parts.push(new Blob([chunk as Uint8Array<ArrayBuffer>]));
  return new Blob(parts);
}
