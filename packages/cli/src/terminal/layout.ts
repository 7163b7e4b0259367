import { columnsOf, fit, wrap, wrapWhole } from "./text.js";

/** A column of a table. */
export interface Column {
  title: string;
  align?: "left" | "right";
  /** The one that gives way when the table is too wide. */
  shrinks?: "shrinks";
}

/** Below this a row of which too much would be cut is easier to read line by line. */
const narrowColumns = 64;

/** What a column that gives way has to keep, for a person to tell its rows apart. */
const readableColumns = 20;

/**
 * Lays out rows under their titles, two spaces apart; on a narrow terminal, where that does not fit, each row as lines of its
 * own, `title: value`.
 *
 * @param width - columns at most
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const widths = columns.map((column, index) =>
    Math.max(
      columnsOf(column.title),
      ...rows.map((row) => columnsOf(row[index] ?? "")),
    ),
  );
  const excess =
    widths.reduce((sum, each) => sum + each, 2 * (columns.length - 1)) - width;
  const shrinking = columns.findIndex((column) => column.shrinks === "shrinks");
  if (
    excess > 0 &&
    width < narrowColumns &&
    (widths[shrinking] ?? 0) - excess < readableColumns
  )
    return rows.flatMap((row, index) => [
      ...(index === 0 ? [] : [""]),
      ...stacked(columns, row, width),
    ]);
  const shrunk = widths.map((each, index) =>
    index === shrinking && excess > 0 ? Math.max(8, each - excess) : each,
  );
  const line = (cells: readonly string[]) =>
    columns
      .map((column, index) =>
        fit(cells[index] ?? "", shrunk[index] ?? 0, column.align ?? "left"),
      )
      .join("  ")
      .trimEnd();
  return [line(columns.map((column) => column.title)), ...rows.map(line)];
}

/** One row of a table, its first cell as a heading. */
function stacked(
  columns: readonly Column[],
  [heading = "", ...cells]: readonly string[],
  width: number,
): string[] {
  return [
    ...wrapWhole(heading, width),
    ...cells.flatMap((cell, index) => {
      const title = columns[index + 1]?.title ?? "";
      if (cell === "") return [];
      return wrapWhole(
        `${title === "" ? "" : `${title.toLowerCase()}: `}${cell}`,
        width - 2,
      ).map((line) => `  ${line}`);
    }),
  ];
}

/**
 * Draws a screen: a frame with a title and text in it.
 *
 * @param options.width - outer columns
 * @param options.height - lines inside, filled up with empty ones
 */
export function screen(
  title: string,
  lines: readonly string[],
  options: { width: number; height?: number },
): string[] {
  const inner = options.width - 4;
  const body = lines.flatMap((line) =>
    columnsOf(line) <= inner ? [line] : wrap(line, inner),
  );
  while (body.length < (options.height ?? 0)) body.push("");
  const head = `─ ${columnsOf(title) > inner ? fit(title, inner) : title} `;
  return [
    `┌${head}${"─".repeat(Math.max(0, options.width - 2 - columnsOf(head)))}┐`,
    ...body.map((line) => `│ ${fit(line, inner)} │`),
    `└${"─".repeat(options.width - 2)}┘`,
  ];
}

/**
 * Puts two screens of the same height beside each other.
 *
 * @param width - columns of both together
 */
export function sideBySide(
  left: { title: string; lines: readonly string[] },
  right: { title: string; lines: readonly string[] },
  width: number,
): string[] {
  const each = Math.floor((width - 2) / 2);
  const heightOf = (lines: readonly string[]) =>
    lines.flatMap((line) =>
      columnsOf(line) <= each - 4 ? [line] : wrap(line, each - 4),
    ).length;
  const height = Math.max(heightOf(left.lines), heightOf(right.lines));
  const leftLines = screen(left.title, left.lines, { width: each, height });
  const rightLines = screen(right.title, right.lines, { width: each, height });
  return leftLines.map((line, index) => `${line}  ${rightLines[index] ?? ""}`);
}
