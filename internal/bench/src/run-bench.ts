import {
  type MeasuredFile,
  measureBackupFile,
} from "./backup-file/measure-backup-file.js";
import { measureEmptyMoves } from "./measure-empty-moves.js";
import { type MeasuredMoves, measureMoves } from "./measure-moves.js";
import { measureStorage } from "./measure-storage.js";
import type { EmptyMove } from "./moves/move-with-carryover.js";
import type { BenchOptions } from "./options.js";

/** Everything that was measured in one run. */
export interface Measurements {
  moves: MeasuredMoves[];
  empty: EmptyMove[];
  file: MeasuredFile | undefined;
  storage: string[];
}

/** Measures one thing after the other, so that nothing disturbs anything. */
export async function runBench(
  { moves, emptyRuns, fileMessages, storageRounds }: BenchOptions,
  tell: (line: string) => void,
): Promise<Measurements> {
  const measured: MeasuredMoves[] = [];
  for (const move of moves) measured.push(await measureMoves(move, tell));
  return {
    moves: measured,
    empty: await measureEmptyMoves(emptyRuns, tell),
    file: await measureBackupFile(fileMessages, tell),
    storage: await measureStorage(storageRounds, tell),
  };
}
