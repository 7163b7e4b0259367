/** Where one Backup Account File lies: a path, a file handle of a browser, a place in a cloud. */
export interface AccountFilePlace {
  /**
   * `untilSaved`: what is written here is in memory alone, and lost with the process unless a person saves it elsewhere. A
   * file that is made here counts as unfinished until `confirmBackupAccountFileSaved`. Absent where it stays.
   */
  readonly lasts?: "untilSaved";
  /**
   * Opens the file at its start. Called several times.
   *
   * @throws {CarryoverError} `accountFileNotFound`, `diskError`
   */
  open(): Promise<ReadableStream<Uint8Array>>;
  /** Whether there is something now. */
  exists(): Promise<boolean>;
  /**
   * Tries whether a file can be written here, before anything is done that cannot be taken back. Absent where that cannot be
   * told.
   *
   * @param sizeBytes - for which there must be room
   * @throws {CarryoverError} `diskError`
   */
  assertWritable?(sizeBytes: number): Promise<void>;
  /**
   * Puts a whole new file here, readable by its owner alone: whenever the process dies, the old one or the new one is here,
   * whole.
   *
   * @param file - read to its end
   * @param options.ifThere - what to do with a file that is here already
   * @param options.check - is given the written bytes before they take their place; what it throws leaves the old file
   * @throws {CarryoverError} `accountFileExists`, `diskError`; what `file` and `check` fail with
   */
  write(
    file: ReadableStream<Uint8Array>,
    options: {
      ifThere: "refuse" | "replace";
      check: (written: ReadableStream<Uint8Array>) => Promise<void>;
    },
  ): Promise<void>;
}
