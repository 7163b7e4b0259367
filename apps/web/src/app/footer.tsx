import type { AppConfig } from "../config/parse-config.js";

/** What this page speaks to, and the button that clears everything. */
export function Footer({
  config,
  canClear,
  onClear,
}: {
  config: AppConfig;
  canClear: boolean;
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
        <button type="button" disabled={!canClear} onClick={onClear}>
          Clear everything
        </button>
      </div>
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
