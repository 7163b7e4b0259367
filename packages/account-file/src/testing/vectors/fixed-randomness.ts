/**
 * Does something with random bytes that are 01 01 01 …, then 02 02 02 …, and so on for each time that some are asked
 * for: the same file every time. For vectors alone.
 */
export const withFixedRandomness = async <Result>(
  work: () => Promise<Result>,
): Promise<Result> => {
  let times = 0;
  Object.defineProperty(crypto, "getRandomValues", {
    configurable: true,
    value: (bytes: Uint8Array) => {
      times += 1;
      return bytes.fill(times);
    },
  });
  try {
    return await work();
  } finally {
    Reflect.deleteProperty(crypto, "getRandomValues");
  }
};
