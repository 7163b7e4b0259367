import { type Course, figuresOf, shareOf } from "../text/progress.js";
import { phaseTitles } from "../text/phases.js";
import { StopButton } from "./stop-button.js";

/** What was done and what is under way. Each new phase is announced, figures are not. */
export function ProgressView({
  course: { done, current },
  onStop,
}: {
  course: Course;
  onStop?: (() => void) | undefined;
}) {
  const title =
    current === undefined ? "Beginning" : phaseTitles[current.phase];
  const share = current && shareOf(current);
  return (
    <div className="progress">
      <ul className="phases">
        {done.map((phase) => (
          <li key={phase} className="phase-done">
            <span className="visually-hidden">Done: </span>
            {phaseTitles[phase]}
          </li>
        ))}
        <li className="phase-current" aria-current="step">
          <span id="phase-title">{title} …</span>
          <span className="figures">{current && figuresOf(current)}</span>
          <progress aria-labelledby="phase-title" max={1} value={share} />
        </li>
      </ul>
      <p className="visually-hidden" role="status">
        {title}
      </p>
      {onStop && <StopButton onStop={onStop} />}
    </div>
  );
}
