/**
 * Works through a list, some at a time. The first error stops what has not begun, and is thrown when what had begun is
 * over.
 *
 * @param atOnce - how many run side by side, at least 1
 */
export async function forEachAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items.values();
  const failures: unknown[] = [];
  const worker = async () => {
    for (const item of rest) {
      if (failures.length > 0) return;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(
    Array.from({ length: Math.min(atOnce, items.length) }, worker),
  );
  if (failures.length > 0) throw failures[0];
}
