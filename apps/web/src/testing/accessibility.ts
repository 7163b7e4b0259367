import axe from "axe-core";
import type { Page } from "playwright-core";
import type { Tab } from "./open-page.js";

/**
 * What is wrong with the page as it is, for whoever cannot see, point or read it well: what axe finds, in light and in dark;
 * what moves for somebody who asked for no motion; text that turns around what stands beside it; and what is wider than the window, on a desk and on a phone, also when
 * everything is shown at twice its size.
 */
export async function violationsOf({ page }: Tab): Promise<string[]> {
  const found: string[] = [];
  if (!(await page.evaluate(() => "axe" in globalThis)))
    await page.evaluate(axe.source);
  // Of dark and light only the colours differ.
  for (const [colorScheme, rules] of [
    ["light", []],
    ["dark", ["color-contrast"]],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const violations = await page.evaluate(findViolations, [...rules]);
    found.push(...violations.map((what) => `${colorScheme}: ${what}`));
  }
  found.push(...(await page.evaluate(findMotion)));
  // Also in names that are read out alone.
  const turning = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
  if (turning.test(await page.content())) found.push("text is turned around");
  found.push(...(await tooWide(page)));
  return found;
}

/** Runs in the page. @param rules - all where none is named */
async function findViolations(rules: string[]): Promise<string[]> {
  const { violations } = await (
    globalThis as unknown as { axe: typeof axe }
  ).axe.run({
    resultTypes: ["violations"],
    ...(rules.length > 0 && { runOnly: rules }),
  });
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`,
  );
}

/** CSS pixels: a desk, and the half of that at 200 %; a phone, and the half of that. */
const widths = [1_280, 640, 390, 195];

async function tooWide(page: Page): Promise<string[]> {
  const before = page.viewportSize();
  const found: string[] = [];
  for (const width of widths) {
    if (width !== before?.width)
      await page.setViewportSize({ width, height: 800 });
    const wide = await page.evaluate(findTooWide);
    found.push(...wide.map((what) => `${width} px: too wide: ${what}`));
  }
  if (before !== null) await page.setViewportSize(before);
  return found;
}

/** Runs in the page. */
function findTooWide(): string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth <= clientWidth) return [];
  const wide = [...document.querySelectorAll("body *")].filter(
    (element) => element.getBoundingClientRect().right > clientWidth + 0.5,
  );
  return [
    `the page, by ${scrollWidth - clientWidth} px`,
    ...wide.map(({ outerHTML }) => outerHTML.slice(0, 120)),
  ];
}

/** Runs in the page. */
function findMotion(): string[] {
  return [...document.querySelectorAll("*")]
    .filter((element) => {
      const { transitionDuration, animationName } = getComputedStyle(element);
      const moves = transitionDuration
        .split(",")
        .some((duration) => Number.parseFloat(duration) > 0);
      return moves || animationName !== "none";
    })
    .map((element) => `moves: ${element.outerHTML.slice(0, 120)}`);
}
