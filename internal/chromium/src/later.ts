/**
 * Makes an object of functions out of the promise of one, for callers that take the object itself.
 *
 * @param names - of its functions
 */
export function later<T extends object>(
  promise: Promise<T>,
  names: readonly (keyof T & string)[],
): T {
  // Whoever calls a function hears of it there.
  promise.catch(() => undefined);
  return Object.fromEntries(
    names.map((name) => [
      name,
      async (...args: unknown[]) => {
        const object = await promise;
        const fn = object[name] as (...args: unknown[]) => unknown;
        return await fn(...args);
      },
    ]),
  ) as T;
}

/** Makes an async iterable out of the promise of one. */
export function laterIterable<T>(
  promise: Promise<AsyncIterable<T>>,
): AsyncIterable<T> {
  promise.catch(() => undefined);
  return {
    [Symbol.asyncIterator]: () => {
      const iterator = promise.then((iterable) =>
        iterable[Symbol.asyncIterator](),
      );
      iterator.catch(() => undefined);
      return {
        next: async () => await (await iterator).next(),
        return: async () => {
          await (await iterator).return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
