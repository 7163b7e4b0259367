import { streamOf } from "@carryover/backup-file/layers";

/** A stream of an iteration, with `close` called once it is over: at its end, its failure, or when it is cancelled. */
export const closableStream = (
  pieces: AsyncGenerator<Uint8Array, void, undefined>,
  close: () => Promise<void> | void,
): ReadableStream<Uint8Array> => {
  // An iteration that was never begun runs none of its own clean-up.
  const iterator: AsyncIterator<Uint8Array, undefined> = {
    async next() {
      try {
        const step = await pieces.next();
        if (step.done !== true) return step;
      } catch (error) {
        await close();
        throw error;
      }
      await close();
      return { done: true, value: undefined };
    },
    async return() {
      await close();
      await pieces.return();
      return { done: true, value: undefined };
    },
  };
  return streamOf({ [Symbol.asyncIterator]: () => iterator });
};
