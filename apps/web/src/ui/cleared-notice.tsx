import type { ReactNode } from "react";
import type { Problem } from "../errors/problem.js";
import { Notice } from "./notice.js";
import { ProblemView } from "./problem-view.js";

/**
 * The end of a task: nothing of it is left, whatever other tasks are still at. It says so only where that is true.
 *
 * @param props.problem - why something may be left
 * @param props.children - what to do next
 */
export function ClearedNotice({
  problem,
  children,
}: {
  problem: Problem | undefined;
  children: ReactNode;
}) {
  return (
    <>
      <ProblemView problem={problem} title="Something may be left here" />
      {problem === undefined ? (
        <Notice kind="good" title="Nothing of it is left in this browser">
          {children}
        </Notice>
      ) : (
        <Notice kind="warn" title="Close this tab, and open the page again">
          <p>
            It clears what is left when it opens. So does{" "}
            <strong>Clear everything</strong>, below.
          </p>
          {children}
        </Notice>
      )}
    </>
  );
}
