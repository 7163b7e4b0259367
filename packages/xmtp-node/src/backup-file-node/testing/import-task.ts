/** What the import program is asked to do. */
export interface ImportTask {
  readonly do: "import" | "export";
  readonly path: string;
}

/** How it went. Also sent once when the program is ready. */
export type ImportAnswer = "done" | "refused";

/** Of every archive in these tests. */
export const testKey = new Uint8Array(32).fill(7);
