import type { Table } from "./summary.js";

/** Tables for a terminal. */
export function renderText(tables: readonly Table[]): string {
  return tables
    .map(({ title, columns, rows, notes }) => {
      const widths = columns.map((column, at) =>
        Math.max(column.length, ...rows.map((row) => (row[at] ?? "").length)),
      );
      const line = (cells: readonly string[]) =>
        `  ${cells
          .map((cell, at) =>
            at === 0
              ? cell.padEnd(widths[at] ?? 0)
              : cell.padStart(widths[at] ?? 0),
          )
          .join("  ")
          .trimEnd()}`;
      return [title, line(columns), ...rows.map(line), ...notes, ""].join("\n");
    })
    .join("\n");
}
