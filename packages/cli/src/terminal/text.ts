import { stripVTControlCharacters } from "node:util";

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const wide =
  /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6])/u;

/**
 * What an app, a group or a message calls itself can hold anything. Control characters, which would drive the terminal,
 * and characters that turn the direction of text become `�`.
 */
export function printable(text: string): string {
  return text
    .replace(/\r?\n/g, " ")
    .replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, "\uFFFD");
}

/** Columns that a text takes on a terminal. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const { segment } of segmenter.segment(stripVTControlCharacters(text)))
    columns += wide.test(segment) ? 2 : 1;
  return columns;
}

/** Fills up with spaces, or cuts with `…`. Cut text must be without colour. */
export function fit(
  text: string,
  columns: number,
  align: "left" | "right" = "left",
): string {
  const missing = columns - columnsOf(text);
  if (missing >= 0)
    return align === "left"
      ? text + " ".repeat(missing)
      : " ".repeat(missing) + text;
  return fit(`${cut(text, columns - 1)}…`, columns, align);
}

function cut(text: string, columns: number): string {
  let result = "";
  let used = 0;
  for (const { segment } of segmenter.segment(text)) {
    used += columnsOf(segment);
    if (used > columns) break;
    result += segment;
  }
  return result;
}

/** Breaks a text at spaces into lines of at most so many columns; longer words are cut. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (columnsOf(longer) <= columns) {
        line = longer;
        continue;
      }
      if (line !== "") lines.push(line);
      line = columnsOf(word) <= columns ? word : fit(word, columns);
    }
    lines.push(line);
  }
  return lines;
}

/**
 * Breaks a text at spaces into lines of at most so many columns, and cuts nothing: a longer word, such as a path, is broken
 * where it has to be. Every line is indented as the first one is.
 *
 * @param whole - never broken, also where a line gets longer: a terminal breaks it by itself, and what is copied from there is
 * one line still
 */
export function wrapWhole(
  text: string,
  columns: number,
  whole: Iterable<string> = [],
): string[] {
  if (columnsOf(text) <= columns) return [text];
  return wrapWords(joined(text, whole), columns).map((line) =>
    line.replaceAll(joint, " "),
  );
}

/** Stands for a space at which no line ends: no text has it. */
const joint = "\uE000";

const joined = (text: string, whole: Iterable<string>) =>
  // The longest first: one may be the beginning of another.
  [...whole]
    .sort((a, b) => b.length - a.length)
    .reduce(
      (rest, each) => rest.replaceAll(each, each.replaceAll(" ", joint)),
      text,
    );

function wrapWords(text: string, columns: number): string[] {
  const [indent = ""] = /^ */.exec(text) ?? [];
  // However narrow: each line takes a few characters, or it would never end.
  const inner = Math.max(4, columns - indent.length);
  const lines: string[] = [];
  let line = "";
  for (let word of text.slice(indent.length).split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (columnsOf(longer) <= inner) {
      line = longer;
      continue;
    }
    if (line !== "") lines.push(line);
    while (columnsOf(word) > inner && !word.includes(joint)) {
      const start = startOf(word, inner);
      lines.push(start);
      word = word.slice(start.length);
    }
    line = word;
  }
  return [...lines, line].map((each) => `${indent}${each.trimEnd()}`);
}

/** As much of a word as fits; what drives colours takes no columns, and stays whole. */
function startOf(word: string, columns: number): string {
  let start = "";
  for (const { segment } of segmenter.segment(word)) {
    if (start !== "" && columnsOf(start + segment) > columns) break;
    start += segment;
  }
  return start;
}
