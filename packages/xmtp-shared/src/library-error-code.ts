/**
 * The library's own code for an error. It stands in brackets before the text in every SDK; as a property it does not come
 * out of a worker.
 *
 * @returns such as `GroupError::Sync`; `undefined` for an error that is not the library's
 */
export function libraryErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return /^\[([A-Za-z0-9]+::[A-Za-z0-9]+)\] /.exec(error.message)?.[1];
}
