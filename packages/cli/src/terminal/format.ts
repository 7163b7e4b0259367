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
  for (const span of spans) {
    if (seconds >= span.seconds)
      return counted(Math.floor(seconds / span.seconds), span.name);
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

/** `2026-03-01 14:05` in the machine's time zone. */
export function formatTime(ns: bigint): string {
  const date = new Date(Number(ns / 1_000_000n));
  const two = (value: number) => value.toString().padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

const months = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
];

/** `14 Dec 2026` in the machine's time zone. */
export function formatDay(ms: number): string {
  const date = new Date(ms);
  return `${date.getDate()} ${months[date.getMonth()] ?? ""} ${date.getFullYear()}`;
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
