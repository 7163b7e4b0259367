import { formatCount, formatDay, msOf } from "@carryover/client/words";
import { OthersWords } from "./others-words.js";

/** One line of the table. */
export interface ConversationRow {
  readonly id: string;
  /** What a person may know it by. */
  readonly name: string;
  readonly kind: string | undefined;
  readonly messages: number;
  readonly firstNs?: bigint | undefined;
  readonly lastNs?: bigint | undefined;
}

/** A page with more lines than this is of no use to anybody. */
const maxRows = 500;

/** Conversations, one a line. */
export function ConversationTable({
  caption,
  rows,
}: {
  caption: string;
  rows: readonly ConversationRow[];
}) {
  if (rows.length === 0) return undefined;
  const hasTimes = rows.some(({ lastNs }) => lastNs !== undefined);
  const shown = rows.slice(0, maxRows);
  return (
    <table className="conversations">
      <caption>
        {caption}
        {rows.length > maxRows && `; the first ${formatCount(maxRows)} of them`}
      </caption>
      <thead>
        <tr>
          <th scope="col">Conversation</th>
          <th scope="col" className="number">
            Messages
          </th>
          {hasTimes && <th scope="col">From</th>}
          {hasTimes && <th scope="col">To</th>}
        </tr>
      </thead>
      <tbody>
        {shown.map(({ id, name, kind, messages, firstNs, lastNs }) => (
          <tr key={id}>
            <th scope="row">
              <OthersWords text={name} />
              {kind !== undefined && <span className="kind">{kind}</span>}
            </th>
            <td className="number">{formatCount(messages)}</td>
            {hasTimes && <td>{dayOf(firstNs)}</td>}
            {hasTimes && <td>{dayOf(lastNs)}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

const dayOf = (ns: bigint | undefined) =>
  ns === undefined ? "–" : formatDay(msOf(ns));
