import { cpus } from "node:os";
import type { MeasuredFile } from "../backup-file/measure-backup-file.js";
import { ownPart, type Shares } from "../intervals.js";
import type { MeasuredMoves, Pair } from "../measure-moves.js";
import type { EmptyMove } from "../moves/move-with-carryover.js";
import type { MakingLive, Move } from "../moves/move.js";
import type { Measurements } from "../run-bench.js";
import { median } from "../statistics.js";

/** One table of the report. */
export interface Table {
  title: string;
  columns: string[];
  rows: string[][];
  notes: string[];
}

/** What a reader wants to know of a run: medians, and ratios pair by pair. */
export function summarize({
  moves,
  empty,
  file,
  storage,
}: Measurements): Table[] {
  return [
    machine(),
    ...moves.flatMap((move) => [compare(move), timeSpent(move)]),
    ...(empty.length > 0 ? [emptyMoves(empty)] : []),
    ...(file === undefined ? [] : [backupFile(file)]),
    ...(storage.length > 0 ? [storageService(storage)] : []),
  ];
}

function machine(): Table {
  return {
    title: "Machine",
    columns: ["", ""],
    rows: [
      ["processors", `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`],
      ["system", `${process.platform} ${process.arch}`],
      ["Node.js", process.version],
      ["date", new Date().toISOString().slice(0, 10)],
    ],
    notes: [],
  };
}

type OfficialMove = Move & { makingLive: MakingLive };
type FinishedPair = Pair & { official: OfficialMove };

const isFinished = (pair: Pair): pair is FinishedPair =>
  pair.official !== "hang";

function compare({ messages, conversations, pairs }: MeasuredMoves): Table {
  const finished = pairs.filter(isFinished);
  const hangs = pairs.length - finished.length;
  const row = (
    name: string,
    show: (value: number) => string,
    ofMove: (move: Move) => number,
    ofMakingLive: (makingLive: MakingLive) => number = () => 0,
  ): string[] => {
    const alone = ({ official }: FinishedPair) => ofMove(official);
    const same = (pair: FinishedPair) =>
      alone(pair) + ofMakingLive(pair.official.makingLive);
    const ratio = (of: (pair: FinishedPair) => number) =>
      showRatios(finished.map((pair) => ofMove(pair.carryover) / of(pair)));
    const middle = (of: (pair: FinishedPair) => number) =>
      finished.length === 0 ? "hangs" : show(median(finished.map(of)));
    return [
      name,
      show(median(pairs.map(({ carryover }) => ofMove(carryover)))),
      middle(alone),
      ratio(alone),
      middle(same),
      ratio(same),
    ];
  };
  return {
    title: `${messages.toLocaleString("en")} messages in ${conversations} conversations, medians of ${pairs.length}`,
    columns: [
      "",
      "Carryover",
      "SDK: archive alone",
      "ratio",
      "SDK: archive, and live conversations",
      "ratio",
    ],
    rows: [
      row(
        "time",
        showSeconds,
        ({ timeMs }) => timeMs,
        ({ timeMs }) => timeMs,
      ),
      archivesAlone(pairs),
      row(
        "processor time",
        showSeconds,
        ({ processorMs }) => processorMs,
        ({ processorMs }) => processorMs,
      ),
      row("HTTP up", showKilobytes, ({ httpUpBytes }) => httpUpBytes),
      row("HTTP down", showKilobytes, ({ httpDownBytes }) => httpDownBytes),
      row(
        "gRPC",
        showKilobytes,
        ({ grpcBytes }) => grpcBytes,
        ({ grpcBytes }) => grpcBytes,
      ),
      row(
        "bytes altogether",
        showKilobytes,
        ({ httpUpBytes, httpDownBytes, grpcBytes }) =>
          httpUpBytes + httpDownBytes + grpcBytes,
        ({ grpcBytes }) => grpcBytes,
      ),
      row("largest process", showMegabytes, ({ peakBytes }) => peakBytes),
    ],
    notes: [
      `Live conversations afterwards: Carryover ${median(pairs.map(({ carryover }) => carryover.live))} of ${conversations}.`,
      ...(hangs > 0 ? [`The SDK hung in ${hangs} of ${pairs.length}.`] : []),
    ],
  };
}

/** Less than this no move can take that goes through the library's archives, beside the SDK's whole. */
function archivesAlone(pairs: readonly Pair[]): string[] {
  const archivesMs = ({ carryover: { shares } }: Pair) =>
    shares.createArchive + shares.importArchive;
  const ratio = (officialMs: (official: OfficialMove) => number) =>
    showRatios(
      pairs
        .filter(isFinished)
        .map((pair) => archivesMs(pair) / officialMs(pair.official)),
    );
  return [
    "of it the library's archives",
    showSeconds(median(pairs.map(archivesMs))),
    "",
    ratio(({ timeMs }) => timeMs),
    "",
    ratio(({ timeMs, makingLive }) => timeMs + makingLive.timeMs),
  ];
}

const shareNames: Record<keyof Shares, string> = {
  createArchive: "library: createArchive",
  importArchive: "library: importArchive",
  makeLive: "library and network: conversations come live",
  sync: "library and network: fetching what is new",
  network: "network: messages of the channel, inbox state, authorization",
  upload: "network: upload",
  download: "network: download",
  waiting: "library: its five seconds between looks for installations",
  writeFile: "own: read the archive, compress, encrypt, hash",
  own: "own: verify, make batches, the rest",
  lookUps: "own: look-ups in the library's database",
  records: "own: records to disk",
};

function timeSpent({ messages, pairs }: MeasuredMoves): Table {
  const shares = pairs.map(({ carryover }) => carryover.shares);
  const total = (each: Shares) =>
    Object.values(each).reduce((sum, milliseconds) => sum + milliseconds, 0);
  const row = (name: string, of: (each: Shares) => number): string[] => [
    name,
    showMilliseconds(median(shares.map(of))),
    showPercent(median(shares.map((each) => of(each) / total(each)))),
  ];
  return {
    title: `Where Carryover's time goes, ${messages.toLocaleString("en")} messages`,
    columns: ["", "time", "share"],
    rows: [
      ...Object.entries(shareNames).map(([share, name]) =>
        row(name, (each) => each[share as keyof Shares]),
      ),
      row("own part altogether", (each) =>
        ownPart.reduce((sum, share) => sum + each[share], 0),
      ),
    ],
    notes: [],
  };
}

function emptyMoves(moves: EmptyMove[]): Table {
  const row = (name: string, of: (move: EmptyMove) => number) => [
    name,
    showMilliseconds(median(moves.map(of))),
  ];
  return {
    title: `A request with nothing to send, medians of ${moves.length}`,
    columns: ["", "time"],
    rows: [
      row("request, approval and application", ({ totalMs }) => totalMs),
      row("beyond network calls", ({ beyondNetworkMs }) => beyondNetworkMs),
      row(
        "beyond network calls and the library's archives",
        ({ ownMs }) => ownMs,
      ),
    ],
    notes: [],
  };
}

function backupFile(file: MeasuredFile): Table {
  const row = (name: "write" | "read") => [
    name,
    showSpeed(median(file.runs.map(({ carryover }) => carryover[name]))),
    showSpeed(median(file.runs.map(({ compared }) => compared[name]))),
    showRatios(
      file.runs.map(
        ({ carryover, compared }) => carryover[name] / compared[name],
      ),
    ),
  ];
  return {
    title: `Backup file of ${file.messages.toLocaleString("en")} messages (${showMegabytes(file.plainBytes)} plain, ${showMegabytes(file.fileBytes)} as a file)`,
    columns: ["", "Carryover", file.comparedWith, "ratio"],
    rows: [row("write"), row("read")],
    notes: [],
  };
}

function storageService(lines: string[]): Table {
  return {
    title: "Storage service beside a plain server",
    columns: ["", ""],
    rows: lines.map((line) => {
      const [name = "", ...rest] = line.split(": ");
      return [name, rest.join(": ")];
    }),
    notes: [],
  };
}

/** The middle one, and from where to where they go. */
function showRatios(ratios: readonly number[]): string {
  if (ratios.length === 0) return "–";
  const show = (ratio: number) => ratio.toFixed(2);
  const range =
    ratios.length === 1
      ? ""
      : ` (${show(Math.min(...ratios))}–${show(Math.max(...ratios))})`;
  return `${show(median(ratios))} ×${range}`;
}

const showSeconds = (milliseconds: number) =>
  `${(milliseconds / 1_000).toFixed(2)} s`;
const showMilliseconds = (milliseconds: number) =>
  `${milliseconds.toFixed(0)} ms`;
const showPercent = (share: number) => `${(share * 100).toFixed(1)} %`;
const showKilobytes = (bytes: number) =>
  `${Math.round(bytes / 1_000).toLocaleString("en")} kB`;
const showMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;
const showSpeed = (megabytesPerSecond: number) =>
  `${megabytesPerSecond.toFixed(0)} MB/s`;
