import type { AccountFileFacts } from "@carryover/xmtp-browser";
import { fileWarnings, summaryFacts } from "../text/file-words.js";
import { Facts } from "./facts.js";
import { Notice } from "./notice.js";

/** What a file is, how long it is good, and what it cannot do any more. */
export function FileFacts({ facts }: { facts: AccountFileFacts }) {
  const warnings = fileWarnings(facts);
  return (
    <>
      {warnings.length > 0 && (
        <Notice kind="warn" title="About this file">
          <ul>
            {warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </Notice>
      )}
      <Facts of={summaryFacts(facts.summary, Date.now())} />
    </>
  );
}
