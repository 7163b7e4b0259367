import type { ReactNode } from "react";

/** Says what will happen before it happens, and what is needed for it. */
export function WhatHappens({
  steps,
  needs,
}: {
  steps: readonly ReactNode[];
  needs: readonly ReactNode[];
}) {
  return (
    <div className="what-happens">
      <div>
        <h2>What will happen</h2>
        <ol>
          {steps.map((step, index) => (
            <li key={index}>{step}</li>
          ))}
        </ol>
      </div>
      <div>
        <h2>What you need</h2>
        <ul>
          {needs.map((need, index) => (
            <li key={index}>{need}</li>
          ))}
        </ul>
      </div>
    </div>
  );
}
