/** `1,234` */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `1 message`, `2 messages` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

const byteUnits = ["kB", "MB", "GB", "TB"];

/** `812 B`, `12.3 kB`, `4.1 MB`: powers of 1,000. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  let value = bytes / 1_000;
  let unit = 0;
  // Not `1000.0 kB`.
  while (Number(value.toFixed(1)) >= 1_000 && unit < byteUnits.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${byteUnits[unit] ?? ""}`;
}

const spans = [
  { name: "day", seconds: 86_400 },
  { name: "hour", seconds: 3_600 },
  { name: "minute", seconds: 60 },
  { name: "second", seconds: 1 },
];

/** `3 hours`, in the largest unit that fits, to the nearest; below half a second `a moment`. */
export function formatSpan(ns: bigint): string {
  const seconds = Math.round(Number(ns) / 1e9);
  for (const [index, span] of spans.entries()) {
    // What would be `24 hours` is a day.
    const finer = spans[index + 1]?.seconds ?? 1;
    if (Math.round(seconds / finer) * finer >= span.seconds)
      return counted(Math.round(seconds / span.seconds), span.name);
  }
  return "a moment";
}

/** `3 hours ago` */
export function formatAge(thenNs: bigint, nowNs: bigint): string {
  return `${formatSpan(nowNs > thenNs ? nowNs - thenNs : 0n)} ago`;
}

/** `in 23 hours`, or `passed`. */
export function formatUntil(thenNs: bigint, nowNs: bigint): string {
  return thenNs <= nowNs ? "passed" : `in ${formatSpan(thenNs - nowNs)}`;
}

/** Milliseconds of nanoseconds since 1970. */
export const msOf = (ns: bigint): number => Number(ns / 1_000_000n);

const day = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
});

const dayAndTime = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

/** `14 Dec 2026` in the machine's time zone. */
export function formatDay(ms: number): string {
  return day.format(ms);
}

/** `14 Dec 2026, 14:05` in the machine's time zone. */
export function formatDayAndTime(ns: bigint): string {
  return dayAndTime.format(msOf(ns));
}
