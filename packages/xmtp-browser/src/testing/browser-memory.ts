import { readdir, readFile } from "node:fs/promises";

/** What the browser of a test takes, bytes. */
export interface BrowserMemory {
  /** The largest process of a page, with its workers: what is resident, shared libraries among it. */
  pageBytes: number;
  /** All of its processes, with a share of what they share. */
  browserBytes: number;
}

/** Looks at the browser's memory, as Linux tells it, until it is stopped. */
export function watchBrowserMemory(): {
  /** @returns the most that was seen; `undefined` on a system that does not tell */
  stop(): Promise<BrowserMemory | undefined>;
} {
  let peak: BrowserMemory | undefined;
  let isStopped = false;
  const watching = (async () => {
    while (!isStopped) {
      const now = await readMemory();
      if (now !== undefined)
        peak = {
          pageBytes: Math.max(peak?.pageBytes ?? 0, now.pageBytes),
          browserBytes: Math.max(peak?.browserBytes ?? 0, now.browserBytes),
        };
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  })();
  return {
    stop: async () => {
      isStopped = true;
      await watching;
      return peak;
    },
  };
}

async function readMemory(): Promise<BrowserMemory | undefined> {
  if (process.platform !== "linux") return undefined;
  const memory: BrowserMemory = { pageBytes: 0, browserBytes: 0 };
  for (const pid of await listDescendants()) {
    const read = (name: string) =>
      readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "");
    const commandLine = await read("cmdline");
    if (!/chrom/i.test(commandLine)) continue;
    memory.browserBytes += kilobytes(await read("smaps_rollup"), "Pss");
    if (commandLine.includes("--type=renderer"))
      memory.pageBytes = Math.max(
        memory.pageBytes,
        kilobytes(await read("status"), "VmRSS"),
      );
  }
  return memory;
}

const kilobytes = (text: string, field: string) =>
  1024 *
  Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(text)?.[1] ?? 0);

/** Every process that this one has started, and that those have. */
async function listDescendants(): Promise<number[]> {
  const parents = new Map<number, number>();
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
    const parent = /^\d+ \(.*\) \S (\d+)/s.exec(stat)?.[1];
    if (parent !== undefined) parents.set(Number(name), Number(parent));
  }
  const isOwn = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === process.pid || isOwn(parent));
  };
  return [...parents.keys()].filter(isOwn);
}
