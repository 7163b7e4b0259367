import type { Problem } from "../errors/problem.js";

/** What happened, and what to do now. */
export function ProblemView({
  problem,
  title = "That did not work",
}: {
  problem: Problem | undefined;
  title?: string;
}) {
  return (
    <div role="alert">
      {problem && (
        <div className="notice bad">
          <p className="notice-title">{title}</p>
          <p>{problem.message}</p>
          <p>
            <strong>What to do now:</strong> {problem.advice}
          </p>
          <p className="small">
            Error <code>{problem.code}</code>
          </p>
        </div>
      )}
    </div>
  );
}
