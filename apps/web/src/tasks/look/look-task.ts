import {
  accountFileFromBlob,
  type SecretChoice,
  verifyBackupAccountFile,
} from "@carryover/xmtp-browser";
import type { AppConfig } from "../../config/parse-config.js";
import { createTask } from "../../machine/task.js";
import { createLongWork } from "../shared/long-work.js";
import { networkOfConfig } from "../shared/network.js";
import type { RunningTask } from "../shared/running-task.js";
import { stoppableSecret } from "../shared/stoppable-signer.js";
import { lookAtFile } from "./look-at-file.js";
import {
  isLooking,
  type LookEffect,
  type LookEvent,
  type LookState,
  lookTransition,
} from "./look-state.js";
import { openContents } from "./open-contents.js";

/** Carries out "Look inside". */
export function createLookTask(
  config: AppConfig,
): RunningTask<LookState, LookEvent> {
  const work = createLongWork();
  /** Of the file that is shown, for the drill. */
  let secret: SecretChoice | undefined;

  const perform = (effect: LookEffect, send: (event: LookEvent) => void) => {
    switch (effect.kind) {
      case "lookAt":
        work.run(({ signal }) => lookAtFile(effect.file, signal), {
          done: (seen) => send({ kind: "seen", seen }),
          failed: (problem) => send({ kind: "refused", problem }),
        });
        return;
      case "open": {
        const given =
          effect.secret.kind === "archiveKey"
            ? effect.secret
            : stoppableSecret(effect.secret, work);
        work.run((bound) => openContents(effect.file, given, bound), {
          progressed: (progress) => send({ kind: "progressed", progress }),
          done: (contents) => {
            if (given.kind !== "archiveKey") secret = given;
            send({ kind: "opened", contents });
          },
          failed: (problem) => send({ kind: "notOpened", problem }),
        });
        return;
      }
      case "drill":
        work.run(
          async (bound) => {
            if (secret === undefined) throw new Error("nothing is open");
            return await verifyBackupAccountFile({
              network: networkOfConfig(config),
              file: accountFileFromBlob(effect.file.blob),
              secret,
              ...bound,
            });
          },
          {
            progressed: (progress) => send({ kind: "progressed", progress }),
            done: (drill) => send({ kind: "drilled", drill }),
            failed: (problem) => send({ kind: "notDrilled", problem }),
          },
        );
        return;
      case "stop":
        work.stop();
        return;
      case "forget":
        secret = undefined;
    }
  };

  const task = createTask<LookState, LookEvent, LookEffect>(
    { step: "choosing" },
    lookTransition,
    perform,
  );
  return {
    ...task,
    isBusy: () => isLooking(task.getState()),
    dispose: async () => {
      work.stop();
      await work.settled();
      secret = undefined;
    },
  };
}
