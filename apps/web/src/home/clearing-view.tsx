import { counted } from "@carryover/client/words";
import type { Cleared } from "../browser/clear.js";
import { countKept } from "../browser/kept.js";
import type { Problem } from "../errors/problem.js";
import { Notice } from "../ui/notice.js";
import { ProblemView } from "../ui/problem-view.js";

/** What came of the button that clears everything. */
export type Clearing =
  | { readonly kind: "none" }
  | { readonly kind: "clearing" }
  | { readonly kind: "cleared"; readonly cleared: Cleared }
  | { readonly kind: "failed"; readonly problem: Problem };

/** Says what was looked at, and what was found. */
export function ClearingView({ clearing }: { clearing: Clearing }) {
  return (
    <>
      <div role="status">
        {clearing.kind === "clearing" && <p>Clearing …</p>}
        {clearing.kind === "cleared" && <WhatIsLeft {...clearing.cleared} />}
      </div>
      <ProblemView
        problem={clearing.kind === "failed" ? clearing.problem : undefined}
        title="Not everything could be cleared"
      />
    </>
  );
}

function WhatIsLeft({ left }: Cleared) {
  const count = countKept(left);
  return count === 0 ? (
    <Notice kind="good" title="Everything is cleared">
      <p>
        This browser keeps no file, no database and no cache for this page, and
        what was in memory is gone.
      </p>
    </Notice>
  ) : (
    <Notice kind="warn" title="Carryover's own things are cleared">
      <p>
        {counted(count, "thing")} of other pages at the same address{" "}
        {count === 1 ? "was" : "were"} left alone. To clear those too, delete
        the data of this site in the browser&rsquo;s settings.
      </p>
    </Notice>
  );
}
