import type { ReactNode } from "react";

/** Something that a person should not miss. */
export function Notice({
  kind,
  title,
  children,
}: {
  kind: "info" | "warn" | "good";
  title?: string;
  children: ReactNode;
}) {
  return (
    <div className={`notice ${kind}`}>
      {title !== undefined && <p className="notice-title">{title}</p>}
      {children}
    </div>
  );
}
