/** A part of time: what was sent after `startNs` and not after `endNs`. */
export interface ExportWindow {
  startNs?: bigint;
  endNs?: bigint;
}

/** All time. */
export const wholeTime: ExportWindow = {};

/** What is known of a history before it is exported. */
export interface HistorySample {
  /** Messages in the whole history, roughly. */
  messageCount: number;
  /** The share, 0 to 1, of some of its messages that was sent before a moment. */
  shareBefore: (momentNs: bigint) => Promise<number>;
}

/** Fewer messages are written out so fast that cutting them up takes longer. */
const fewestMessages = 8_000;
/** Nobody has an older history on this network. */
const longestHistoryNs = 10n * 366n * 86_400n * 1_000_000_000n;
/** Parts need not be equally large, only none much larger than the others. */
const tolerance = 0.05;
const maxLooks = 14;

/**
 * Cuts a history into parts of about as many messages each, to be written out side by side: for every hundred messages of
 * an archive the library walks through the table from its beginning, on one processor.
 *
 * The moments are not those of any message or conversation but by chance, which `jitterNs` is for: what is as old as a
 * moment to the nanosecond could fall between two parts.
 *
 * @param parts - how many at most
 * @param jitterNs - a random number of nanoseconds, at most a few seconds
 */
export async function planExportWindows(
  { messageCount, shareBefore }: HistorySample,
  {
    parts,
    nowNs,
    jitterNs,
  }: { parts: number; nowNs: bigint; jitterNs: () => bigint },
): Promise<ExportWindow[]> {
  if (messageCount < fewestMessages) return [wholeTime];
  const moments = new Set<bigint>();
  for (let part = 1; part < parts; part += 1) {
    const momentNs = await findMoment(shareBefore, part / parts, nowNs);
    moments.add(momentNs + jitterNs());
  }
  const ends = [...moments].sort((a, b) => (a < b ? -1 : 1));
  const starts = [undefined, ...ends];
  return [...ends, undefined].map((endNs, index) => {
    const startNs = starts[index];
    return {
      ...(startNs !== undefined && { startNs }),
      ...(endNs !== undefined && { endNs }),
    };
  });
}

/** Before which about this share was sent. */
async function findMoment(
  shareBefore: HistorySample["shareBefore"],
  share: number,
  nowNs: bigint,
): Promise<bigint> {
  let low = nowNs - longestHistoryNs;
  let high = nowNs;
  let middle = high;
  for (let look = 0; look < maxLooks; look += 1) {
    middle = (low + high) / 2n;
    const found = await shareBefore(middle);
    if (Math.abs(found - share) <= tolerance) break;
    if (found < share) low = middle;
    else high = middle;
  }
  return middle;
}
