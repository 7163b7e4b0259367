/** Bytes of a buffer of the pool. */
export const pooledBytes = 256 * 1024;

// Thousands of new buffers for every large file make the garbage collector work for longer than moving the bytes takes.
const idle: Buffer[] = [];
const maxIdle = 64;

/** @returns a buffer that nobody else uses, of {@link pooledBytes}, with anything in it */
export function takeBuffer(): Buffer {
  return idle.pop() ?? Buffer.allocUnsafeSlow(pooledBytes);
}

/**
 * Gives a buffer to whoever takes one next.
 *
 * @param buffer that neither the program nor the system reads or writes any more; where that is not sure, let it go instead
 */
export function giveBack(buffer: Buffer): void {
  if (idle.length < maxIdle) idle.push(buffer);
}
