/** `1,234` */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** `1 message`, `2 messages` */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

/** `812 B`, `12.3 kB`, `4.1 MB`: powers of 1,000. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ""}`;
}

const spans = [
  { name: "day", seconds: 86_400 },
  { name: "hour", seconds: 3_600 },
  { name: "minute", seconds: 60 },
  { name: "second", seconds: 1 },
];

/** `3 hours`, in the largest unit that fits; below a second `a moment`. */
export function formatSpan(ns: bigint): string {
  const seconds = Number(ns / 1_000_000_000n);
  for (const span of spans)
    if (seconds >= span.seconds)
      return counted(Math.floor(seconds / span.seconds), span.name);
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

const day = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
});

const time = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

/** Milliseconds of nanoseconds since 1970. */
export const msOf = (ns: bigint): number => Number(ns / 1_000_000n);

/** `14 Dec 2026` in the machine's time zone. */
export function formatDay(ms: number): string {
  return day.format(ms);
}

/** `14 Dec 2026, 14:05` in the machine's time zone. */
export function formatTime(ns: bigint): string {
  return time.format(msOf(ns));
}

/** The start of an id, enough to tell a few apart. */
export function shortId(id: string): string {
  return `${id.slice(0, 8)}…`;
}

/** `0x1234…cdef` */
export function shortAddress(address: string): string {
  return `${address.slice(0, 6)}…${address.slice(-4)}`;
}

/** Now, nanoseconds since 1970. */
export function nowNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n;
}

/**
 * Text that somebody else chose, on one line: without control characters and without those that turn the direction of
 * writing, which could make it look like something else. What joins the parts of an emoji, or letters, stays.
 */
export function printable(text: string): string {
  return text
    .replaceAll(/(?:[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf})+/gu, " ")
    .replaceAll(/^[\s\u200c\u200d]+|[\s\u200c\u200d]+$/g, "");
}
