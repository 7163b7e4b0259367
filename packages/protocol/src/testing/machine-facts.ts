import { isTerminal, type Machine } from "../machines/machine.js";

type AnyMachine<S extends string, E extends string> = Machine<
  S,
  E,
  string,
  string
>;

export interface Edge<S extends string, E extends string> {
  from: S;
  event: E;
  to: S;
  effects: readonly string[];
}

export function statesOf<S extends string, E extends string>(
  machine: AnyMachine<S, E>,
): S[] {
  return Object.keys(machine.states) as S[];
}

export function edgesOf<S extends string, E extends string>(
  machine: AnyMachine<S, E>,
): Edge<S, E>[] {
  return statesOf(machine).flatMap((from) => {
    const { on } = machine.states[from];
    return (Object.keys(on) as E[]).flatMap((event) => {
      const transition = on[event];
      return transition === undefined ? [] : [{ from, event, ...transition }];
    });
  });
}

/** Every way from one state to another that visits no state twice. */
export function simplePaths<S extends string, E extends string>(
  machine: AnyMachine<S, E>,
  from: S,
  to: S,
): Edge<S, E>[][] {
  const edges = edgesOf(machine);
  const walk = (at: S, visited: readonly S[]): Edge<S, E>[][] =>
    at === to
      ? [[]]
      : edges
          .filter((edge) => edge.from === at && !visited.includes(edge.to))
          .flatMap((edge) =>
            walk(edge.to, [...visited, edge.to]).map((rest) => [edge, ...rest]),
          );
  return walk(from, [from]);
}

/** A Mermaid state diagram of the table. */
export function renderDiagram<S extends string, E extends string>(
  machine: AnyMachine<S, E>,
): string {
  return [
    "```mermaid",
    "stateDiagram-v2",
    `  [*] --> ${machine.initial}`,
    ...edgesOf(machine).map(
      ({ from, event, to }) => `  ${from} --> ${to}: ${event}`,
    ),
    ...statesOf(machine)
      .filter((state) => isTerminal(machine, state))
      .map((state) => `  ${state} --> [*]`),
    "```",
  ].join("\n");
}

/** The whole table: activities, and what each event leads to. Events that a state does not list are ignored there. */
export function renderTable<S extends string, E extends string>(
  machine: AnyMachine<S, E>,
): string {
  const code = (word: string) => `\`${word}\``;
  const rows = statesOf(machine).flatMap((state) => {
    const { activity } = machine.states[state];
    const doing = activity === undefined ? "" : code(activity);
    const edges = edgesOf(machine).filter(({ from }) => from === state);
    if (edges.length === 0) return [[code(state), doing, "(the end)", "", ""]];
    return edges.map(({ event, to, effects }, index) => [
      index === 0 ? code(state) : "",
      index === 0 ? doing : "",
      code(event),
      code(to),
      effects.map(code).join(", "),
    ]);
  });
  const head = [
    "State",
    "Activity",
    "Event",
    "Next state",
    "Effects, in order",
  ];
  const widths = head.map((title, column) =>
    Math.max(
      ...[head, ...rows].map((row) => row[column]?.length ?? 0),
      title.length,
    ),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [
    line(head),
    line(widths.map((width) => "-".repeat(width))),
    ...rows.map(line),
  ].join("\n");
}
