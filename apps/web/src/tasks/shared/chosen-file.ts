/** A file that the person chose. It stays on this machine. */
export interface ChosenFile {
  readonly name: string;
  readonly blob: Blob;
}
