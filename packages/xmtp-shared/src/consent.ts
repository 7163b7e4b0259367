import type { ConsentState, History } from "@carryover/client";
import type { SdkClient } from "./sdk-client.js";
import {
  consentEntityTypes,
  consentStates,
  consentWord,
} from "./sdk-values.js";
import { libraryCall } from "./library-call.js";

/** Reads and sets what a person allowed or denied, in this installation's database. */
export function createConsent(
  client: SdkClient,
): Pick<History, "getConsent" | "setConsent"> {
  return {
    getConsent: async (entities) => {
      const states: ConsentState[] = [];
      for (const { entityType, entity } of entities)
        states.push(
          consentWord(
            await client.preferences.getConsentState(
              consentEntityTypes[entityType],
              entity,
            ),
          ),
        );
      return states;
    },
    setConsent: async (records) => {
      if (records.length === 0) return;
      await libraryCall(
        "consent could not be written",
        () =>
          client.preferences.setConsentStates(
            records.map(({ entityType, entity, state }) => ({
              entityType: consentEntityTypes[entityType],
              entity,
              state: consentStates[state],
            })),
          ),
        { code: "diskError" },
      );
    },
  };
}
