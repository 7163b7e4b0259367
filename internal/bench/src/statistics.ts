/**
 * The middle one; of an even number, the mean of the two in the middle.
 *
 * @throws when there are none
 */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const high = sorted[Math.floor(sorted.length / 2)];
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  if (high === undefined || low === undefined)
    throw new Error("there is no median of nothing");
  return (low + high) / 2;
}
