import {
  CarryoverError,
  fetchUnfinishedBackupAccountFiles,
} from "@carryover/xmtp-browser";
import { useEffect, useState } from "react";
import { clearEverything, type Cleared } from "../browser/clear.js";
import { takeTurns } from "../browser/tab-lock.js";
import { loadConfig } from "../config/load-config.js";
import type { AppConfig } from "../config/parse-config.js";
import type { UnfinishedFile } from "../tasks/make/make-task.js";
import { networkOfConfig } from "../tasks/shared/network.js";
import { type Problem, problemOf } from "../errors/problem.js";

/** How far the page has come before a task can begin. */
export type StartUp =
  | { readonly kind: "starting" }
  /** Another tab works. */
  | { readonly kind: "waiting" }
  | {
      readonly kind: "failed";
      readonly problem: Problem;
      /** Absent where nothing could be cleared either. */
      readonly swept?: Cleared;
    }
  | {
      readonly kind: "ready";
      readonly config: AppConfig;
      /** What an earlier visit had left, and is gone now. */
      readonly swept: Cleared;
      /**
       * Installations that it had registered, and for which there is perhaps no file. `unknown`: something was begun, and the network does not
       * say what became of it.
       */
      readonly unfinished: readonly UnfinishedFile[] | "unknown";
      /** `waited`: another tab had to be closed first. */
      readonly turn: "atOnce" | "waited";
    };

/** Its turn among the tabs, then what a closed tab has left is cleared; then the settings are read, and the network asked. */
export function useStartUp(): StartUp {
  const [startUp, setStartUp] = useState<StartUp>({ kind: "starting" });
  useEffect(() => {
    let turn: "atOnce" | "waited" = "atOnce";
    takeTurns((tab) => {
      switch (tab) {
        case "waiting":
          turn = "waited";
          setStartUp({ kind: "waiting" });
          return;
        case "impossible":
          setStartUp({ kind: "failed", problem: notSafe });
          return;
        case "first":
          void begin(turn).then(setStartUp);
      }
    });
  }, []);
  return startUp;
}

async function begin(turn: "atOnce" | "waited"): Promise<StartUp> {
  let swept: Cleared | undefined;
  try {
    // Before anything that can fail: settings that are missing keep nothing here, and a network that is away neither. But
    // what no file holds is told of first.
    swept = await clearEverything({ unfinishedNotes: "kept" });
    const config = await loadConfig();
    const unfinished = await findUnfinished(config);
    return { kind: "ready", config, swept, unfinished, turn };
  } catch (error) {
    return {
      kind: "failed",
      problem: problemOf(error),
      ...(swept && { swept }),
    };
  }
}

/** Without notes nobody is asked. */
async function findUnfinished(
  config: AppConfig,
): Promise<UnfinishedFile[] | "unknown"> {
  try {
    return await fetchUnfinishedBackupAccountFiles({
      network: networkOfConfig(config),
    });
  } catch (error) {
    if (error instanceof CarryoverError) return "unknown";
    throw error;
  }
}

const notSafe: Problem = {
  code: "notSecureContext",
  message: "The page was not served safely.",
  advice:
    "Open it over https, or from this machine. Nothing was opened or sent.",
  retryable: false,
  installationId: undefined,
};
