import { fileWarnings } from "@carryover/client/words";
import type { AccountFileFacts } from "@carryover/xmtp-browser";
import { summaryFacts } from "../text/file-words.js";
import { Facts } from "./facts.js";
import { Notice } from "./notice.js";

/** What a file cannot do any more, if there is anything. */
export function FileWarnings({ facts }: { facts: AccountFileFacts }) {
  const warnings = fileWarnings(facts, "carryover account refresh");
  if (warnings.length === 0) return undefined;
  return (
    <Notice kind="warn" title="About this file">
      <ul>
        {warnings.map((warning) => (
          <li key={warning}>{warning}</li>
        ))}
      </ul>
    </Notice>
  );
}

/** What a file is, how long it is good, and what it cannot do any more. */
export function FileFacts({ facts }: { facts: AccountFileFacts }) {
  return (
    <>
      <FileWarnings facts={facts} />
      <Facts of={summaryFacts(facts.summary, Date.now())} />
    </>
  );
}
