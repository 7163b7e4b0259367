// The same words as in every other program that shows them.
export {
  counted,
  formatAge,
  formatBytes,
  formatCount,
  formatDay,
  formatUntil,
} from "@carryover/client/words";

/** `2026-03-01 14:05` in the machine's time zone. */
export function formatTime(ns: bigint): string {
  const date = new Date(Number(ns / 1_000_000n));
  const two = (value: number) => value.toString().padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The start of an id, enough to tell a few apart. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** `3.2 s` */
export function formatSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

/** Now, nanoseconds since 1970. */
export function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}
