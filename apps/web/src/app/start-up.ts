import { useEffect, useState } from "react";
import { clearEverything, type Cleared } from "../browser/clear.js";
import { takeTurns } from "../browser/tab-lock.js";
import { loadConfig } from "../config/load-config.js";
import type { AppConfig } from "../config/parse-config.js";
import { type Problem, problemOf } from "../errors/problem.js";

/** How far the page has come before a task can begin. */
export type StartUp =
  | { readonly kind: "starting" }
  /** Another tab works. */
  | { readonly kind: "waiting" }
  | { readonly kind: "failed"; readonly problem: Problem }
  | {
      readonly kind: "ready";
      readonly config: AppConfig;
      /** What an earlier visit had left, and is gone now. */
      readonly swept: Cleared;
      /** `waited`: another tab had to be closed first. */
      readonly turn: "atOnce" | "waited";
    };

/** Its turn among the tabs, then what a closed tab has left is cleared, then the settings are read. */
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
  try {
    const swept = await clearEverything();
    return { kind: "ready", config: await loadConfig(), swept, turn };
  } catch (error) {
    return { kind: "failed", problem: problemOf(error) };
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
