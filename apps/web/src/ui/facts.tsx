import { Fragment, type ReactNode } from "react";

/** Facts with their names. */
export function Facts({
  of,
}: {
  of: readonly (readonly [name: string, value: ReactNode])[];
}) {
  return (
    <dl className="facts">
      {of.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
