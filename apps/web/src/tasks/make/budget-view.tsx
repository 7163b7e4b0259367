import type { AccountBudget } from "@carryover/xmtp-browser";

/** What XMTP allows an account, and how much of it a file takes. */
export function BudgetView({
  budget: { installations, identityUpdates },
}: {
  budget: AccountBudget;
}) {
  return (
    <div className="budget">
      <h3>What it takes of your account</h3>
      <ul>
        <Share
          title={`Installation ${installations.used + 1} of ${installations.limit}`}
          note="Revoking the file gives it back."
          {...installations}
        />
        <Share
          title={`Identity update ${identityUpdates.used + 1} of ${identityUpdates.limit}`}
          note="Never given back."
          {...identityUpdates}
        />
      </ul>
    </div>
  );
}

function Share({
  title,
  note,
  used,
  limit,
}: {
  title: string;
  note: string;
  used: number;
  limit: number;
}) {
  return (
    <li>
      <span>
        <strong>{title}</strong> <span className="small">{note}</span>
      </span>
      <meter
        aria-label={`${used} of ${limit} used`}
        min={0}
        max={limit}
        value={used}
      />
    </li>
  );
}
