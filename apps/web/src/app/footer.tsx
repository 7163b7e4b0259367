import { countKept } from "../browser/kept.js";
import type { AppConfig } from "../config/parse-config.js";
import { counted } from "../text/format.js";
import { Notice } from "../ui/notice.js";
import { ProblemView } from "../ui/problem-view.js";
import type { Clearing } from "./app.js";

/** What this page speaks to, and the button that clears everything. */
export function Footer({
  config,
  clearing,
  onClear,
}: {
  config: AppConfig;
  clearing: Clearing;
  onClear: () => void;
}) {
  const { environment, storageOrigins } = config;
  return (
    <footer className="bottom">
      <div className="clear">
        <div>
          <h2>Nothing stays here</h2>
          <p>
            Files are opened in memory. When a task ends, and when the page is
            closed, nothing of them is left in this browser. This button stops
            everything at once.
          </p>
        </div>
        <button
          type="button"
          disabled={clearing.kind === "clearing"}
          onClick={onClear}
        >
          Clear everything
        </button>
      </div>
      <div role="status">
        {clearing.kind === "clearing" && <p>Clearing …</p>}
        {clearing.kind === "cleared" && <WhatIsLeft clearing={clearing} />}
      </div>
      <ProblemView
        problem={clearing.kind === "failed" ? clearing.problem : undefined}
        title="Not everything could be cleared"
      />
      <p className="small">
        XMTP network: <strong>{environment}</strong>
        {config.networkUrl !== undefined && (
          <>
            {" "}
            at <code>{config.networkUrl}</code>
          </>
        )}
        . Storage service:{" "}
        {storageOrigins.length === 0 ? (
          "none"
        ) : (
          <code>{storageOrigins.join(", ")}</code>
        )}
        . No other place is spoken to.
      </p>
    </footer>
  );
}

function WhatIsLeft({
  clearing: { cleared },
}: {
  clearing: Clearing & { kind: "cleared" };
}) {
  const left = countKept(cleared.left);
  return left === 0 ? (
    <Notice kind="good" title="Everything is cleared">
      <p>
        This browser keeps no file, no database and no cache for this page, and
        what was in memory is gone.
      </p>
    </Notice>
  ) : (
    <Notice kind="warn" title="Carryover's own things are cleared">
      <p>
        {counted(left, "thing")} of other pages at the same address{" "}
        {left === 1 ? "was" : "were"} left alone. To clear those too, delete the
        data of this site in the browser&rsquo;s settings.
      </p>
    </Notice>
  );
}
