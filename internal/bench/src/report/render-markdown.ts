import type { Table } from "./summary.js";

/** Tables for a document. */
export function renderMarkdown(tables: readonly Table[]): string {
  return tables
    .map(({ title, columns, rows, notes }) =>
      [
        `### ${title}`,
        "",
        line(columns),
        line(columns.map((_column, at) => (at === 0 ? "---" : "--:"))),
        ...rows.map(line),
        ...notes.flatMap((note) => ["", note]),
        "",
      ].join("\n"),
    )
    .join("\n");
}

const line = (cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
