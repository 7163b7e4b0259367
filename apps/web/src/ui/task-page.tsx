import { type ReactNode, useEffect, useRef } from "react";

/** Whether anything was shown before: the first page of a visit must not take the focus. */
let isFirstView = true;

/**
 * A page with one heading, and one for the step that it is at. The focus moves to the heading that is new, so that
 * nobody has to look for what changed.
 *
 * @param props.step - a word for the step; a new one moves the focus
 * @param props.stepTitle - what the step is called; absent on the first one of a task
 */
export function TaskPage({
  title,
  step,
  stepTitle,
  intro,
  children,
}: {
  title: string;
  step: string;
  stepTitle?: string | undefined;
  intro?: ReactNode;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  const stepHeading = useRef<HTMLHeadingElement>(null);
  const isShown = useRef(false);
  useEffect(() => {
    document.title = `${stepTitle ?? title} · Carryover`;
  }, [title, stepTitle]);
  useEffect(() => {
    if (isShown.current || !isFirstView)
      (stepHeading.current ?? heading.current)?.focus();
    isShown.current = true;
    isFirstView = false;
  }, [step]);
  return (
    <main className="page" id="main">
      <h1 tabIndex={-1} ref={heading}>
        {title}
      </h1>
      {intro}
      {stepTitle === undefined ? (
        children
      ) : (
        <section className="step" aria-labelledby="step-title">
          <h2 id="step-title" tabIndex={-1} ref={stepHeading}>
            {stepTitle}
          </h2>
          {children}
        </section>
      )}
    </main>
  );
}
