import type { RequestRecord } from "./request-record.js";

/** Counts what happens, and writes it in Prometheus' text format. */
export interface Metrics {
  /** One answered request. */
  answered(record: RequestRecord): void;
  /** One file stored, of so many bytes. */
  stored(bytes: number): void;
  /** One purge. */
  purged(report: {
    readonly removed: number;
    readonly freedBytes: number;
  }): void;
  /** One failed purge. */
  purgeFailed(): void;
  /**
   * @param gauges what is true now, by name without the prefix
   * @returns the exposition format, version 0.0.4
   */
  text(gauges: Readonly<Record<string, number>>): string;
}

const prefix = "carryover_storage_";
const durationBuckets = [0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 300];

/** Metrics of one instance, from zero. Labels hold methods, routes and statuses; nothing of a client. */
export function createMetrics(): Metrics {
  const requests = new Map<string, number>();
  const durations = durationBuckets.map(() => 0);
  let durationSum = 0;
  let durationCount = 0;
  const totals = {
    received_bytes: 0,
    sent_bytes: 0,
    stored_files: 0,
    stored_bytes: 0,
    purged_files: 0,
    purged_bytes: 0,
    purge_failures: 0,
  };
  return {
    answered(record) {
      const key = `method="${record.method}",route="${record.route}",status="${record.status}"`;
      requests.set(key, (requests.get(key) ?? 0) + 1);
      totals.received_bytes += record.receivedBytes;
      totals.sent_bytes += record.sentBytes;
      const seconds = record.durationMs / 1000;
      durationSum += seconds;
      durationCount += 1;
      durationBuckets.forEach((limit, at) => {
        if (seconds <= limit) durations[at] = (durations[at] ?? 0) + 1;
      });
    },
    stored(bytes) {
      totals.stored_files += 1;
      totals.stored_bytes += bytes;
    },
    purged({ removed, freedBytes }) {
      totals.purged_files += removed;
      totals.purged_bytes += freedBytes;
    },
    purgeFailed() {
      totals.purge_failures += 1;
    },
    text(gauges) {
      const lines: string[] = [];
      const type = (name: string, kind: string) =>
        lines.push(`# TYPE ${prefix}${name} ${kind}`);
      type("requests_total", "counter");
      for (const [labels, count] of [...requests].sort()) {
        lines.push(`${prefix}requests_total{${labels}} ${count}`);
      }
      type("request_duration_seconds", "histogram");
      durationBuckets.forEach((limit, at) => {
        lines.push(
          `${prefix}request_duration_seconds_bucket{le="${limit}"} ${durations[at] ?? 0}`,
        );
      });
      lines.push(
        `${prefix}request_duration_seconds_bucket{le="+Inf"} ${durationCount}`,
        `${prefix}request_duration_seconds_sum ${durationSum}`,
        `${prefix}request_duration_seconds_count ${durationCount}`,
      );
      for (const [name, value] of Object.entries(totals)) {
        type(`${name}_total`, "counter");
        lines.push(`${prefix}${name}_total ${value}`);
      }
      for (const [name, value] of Object.entries(gauges)) {
        type(name, "gauge");
        lines.push(`${prefix}${name} ${value}`);
      }
      return `${lines.join("\n")}\n`;
    },
  };
}
