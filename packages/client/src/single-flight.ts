/**
 * Runs at most one task for each key: whoever asks while it runs gets the same promise. A person's click and a resumed
 * job must not upload the same history twice.
 */
export function createSingleFlight<T>(): (
  key: string,
  task: () => Promise<T>,
) => Promise<T> {
  const running = new Map<string, Promise<T>>();
  return (key, task) => {
    const known = running.get(key);
    if (known !== undefined) return known;
    const started = task().finally(() => running.delete(key));
    running.set(key, started);
    return started;
  };
}
