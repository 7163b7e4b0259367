import axe from "axe-core";
import type { Tab } from "./open-page.js";

/** What axe finds on the page as it is, in light and in dark. */
export async function violationsOf({ page }: Tab): Promise<string[]> {
  const found: string[] = [];
  if (!(await page.evaluate(() => "axe" in globalThis)))
    await page.evaluate(axe.source);
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await page.evaluate(() =>
      (globalThis as unknown as { axe: typeof axe }).axe.run(),
    );
    found.push(
      ...violations.map(
        ({ id, nodes }) =>
          `${colorScheme}: ${id}: ${nodes.map(({ html }) => html).join(" ")}`,
      ),
    );
  }
  return found;
}
