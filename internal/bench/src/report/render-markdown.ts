import type { Table } from "./summary.js";

/** Tables for a document, laid out as Prettier does. */
export function renderMarkdown(tables: readonly Table[]): string {
  return tables
    .map(({ title, columns, rows, notes }) =>
      [
        `### ${title}`,
        "",
        ...renderTable([columns, ...rows]),
        ...notes.flatMap((note) => ["", note]),
        "",
      ].join("\n"),
    )
    .join("\n");
}

/** The first column to the left, all others to the right. */
function renderTable(rows: readonly string[][]): string[] {
  const cells = rows.map((row) =>
    row.map((cell) => cell.replaceAll("|", "\\|")),
  );
  const widths = (cells[0] ?? []).map((_cell, at) =>
    Math.max(3, ...cells.map((row) => row[at]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row
      .map((cell, at) =>
        at === 0
          ? cell.padEnd(widths[at] ?? 0)
          : cell.padStart(widths[at] ?? 0),
      )
      .join(" | ")} |`;
  const rule = widths.map((width, at) =>
    at === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  const [head = [], ...body] = cells;
  return [line(head), line(rule), ...body.map(line)];
}
