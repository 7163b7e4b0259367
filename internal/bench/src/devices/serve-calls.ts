/** The calls that one process offers to the one that started it. */
export type Calls<T> = {
  [K in keyof T]: (...args: never[]) => Promise<unknown>;
};

export interface CallMessage {
  id: number;
  name: string;
  args: unknown[];
}

export type AnswerMessage =
  | { id: number; outcome: "returned"; value: unknown }
  | { id: number; outcome: "threw"; error: string };

/** Answers calls of the parent process, until it lets go. */
export function serveCalls<T extends Calls<T>>(calls: T): void {
  const byName = new Map(
    Object.entries<(...args: never[]) => Promise<unknown>>(calls),
  );
  const answer = async ({ id, name, args }: CallMessage) => {
    try {
      const call = byName.get(name);
      if (call === undefined) throw new Error(`there is no call ${name}`);
      const value = await call(...(args as never[]));
      send({ id, outcome: "returned", value });
    } catch (error) {
      send({ id, outcome: "threw", error: describe(error) });
    }
  };
  process.on("message", (message: CallMessage) => void answer(message));
  process.on("disconnect", () => process.exit());
}

const send = (message: AnswerMessage) => process.send?.(message);

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `: ${describe(error.cause)}`;
  return `${error.message}${cause}`;
}
