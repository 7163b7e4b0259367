import type { Cleared } from "../browser/clear.js";
import { Notice } from "../ui/notice.js";

/** Says that an earlier visit had left something, where it had. */
export function SweptNotice({ swept }: { swept: Cleared }) {
  if (swept.found === 0) return undefined;
  return (
    <Notice kind="info" title="Cleared what was left">
      <p>
        The last visit ended in the middle. What it had left in this browser was
        cleared just now.
      </p>
    </Notice>
  );
}
