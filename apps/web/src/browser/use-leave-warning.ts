import { useEffect } from "react";

/** Has the browser ask before the page is closed, while something is under way. */
export function useLeaveWarning(isBusy: () => boolean): void {
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (isBusy()) event.preventDefault();
    };
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [isBusy]);
}
