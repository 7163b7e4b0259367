import type {
  AccountBudget,
  CreatedBackupAccountFile,
  Progress,
} from "@carryover/xmtp-browser";
import type { Problem } from "../../errors/problem.js";
import { goTo, type Step } from "../../machine/machine.js";
import { advance, type Course, noCourse } from "../../text/progress.js";
import type { AnnouncedWallet } from "../../wallet/eip-1193.js";
import type { ChosenFile } from "../shared/chosen-file.js";

/** The wallet that is connected, as it is shown. */
export interface ShownWallet {
  readonly name: string;
  readonly address: string;
  /** `contract`: its signatures change, so they cannot protect a file. */
  readonly type: "ordinary" | "contract";
}

/** How the file is to be protected. A passphrase is in the event and the effect alone. */
export type MakeProtection =
  | { readonly kind: "passphrase"; readonly passphrase: string }
  | { readonly kind: "wallet" }
  | { readonly kind: "passkey" };

interface Account {
  readonly wallet: ShownWallet;
  readonly budget: AccountBudget;
}

/** What came of looking at the saved file again. */
export type Check =
  | { readonly kind: "notYet" }
  | { readonly kind: "checking" }
  | { readonly kind: "opens" }
  | { readonly kind: "failed"; readonly problem: Problem };

/** An installation that is registered, and for which there is perhaps no file. */
export interface LeftRegistered {
  readonly installationId: string;
  /** `perhapsSaved`: the person knows, and the page does not. */
  readonly file: "notMade" | "perhapsSaved";
}

/** XIP-31 `createBackupAccountFile`, as a person goes through it. */
export type MakeState =
  | { readonly step: "connecting"; readonly name: string }
  | (Account & {
      readonly step: "deciding";
      /** What was chosen before, when it did not work. */
      readonly chosen: MakeProtection["kind"];
      readonly problem?: Problem;
    })
  | (Account & {
      readonly step: "making";
      readonly chosen: MakeProtection["kind"];
      readonly course: Course;
    })
  | (Account & {
      readonly step: "made";
      readonly created: CreatedBackupAccountFile;
      /** Downloads cannot be read back: the person shows the file. */
      readonly saved: "no" | "downloaded" | "picked";
      readonly check: Check;
      readonly problem?: Problem;
    })
  | {
      /** It failed after the installation was registered, or an earlier visit ended then. */
      readonly step: "unfinished";
      /** At least one. */
      readonly left: readonly LeftRegistered[];
      readonly problem?: Problem;
      readonly revoking: "no" | "yes";
    }
  /** Nothing is said to be gone before it is. */
  | { readonly step: "clearing"; readonly next: AfterClearing }
  | AfterClearing;

/** Where the task is when the browser is cleared. A problem says that something of it may be left. */
type AfterClearing =
  | { readonly step: "choosingWallet"; readonly problem?: Problem }
  | { readonly step: "revoked"; readonly problem?: Problem }
  | {
      readonly step: "done";
      readonly created: CreatedBackupAccountFile;
      readonly check: Check;
      readonly problem?: Problem;
    };

export type MakeEvent =
  | { readonly kind: "walletChosen"; readonly wallet: AnnouncedWallet }
  | {
      readonly kind: "connected";
      readonly wallet: ShownWallet;
      readonly budget: AccountBudget;
    }
  | { readonly kind: "notConnected"; readonly problem: Problem }
  | { readonly kind: "anotherWallet" }
  | { readonly kind: "makeAsked"; readonly protection: MakeProtection }
  | { readonly kind: "progressed"; readonly progress: Progress }
  | { readonly kind: "made"; readonly created: CreatedBackupAccountFile }
  | { readonly kind: "notMade"; readonly problem: Problem }
  | { readonly kind: "stopAsked" }
  | { readonly kind: "saveAsked" }
  | { readonly kind: "saved"; readonly how: "downloaded" | "picked" }
  | { readonly kind: "notSaved"; readonly problem: Problem }
  | { readonly kind: "fileShown"; readonly file: ChosenFile }
  | { readonly kind: "opens" }
  | { readonly kind: "doesNotOpen"; readonly problem: Problem }
  | { readonly kind: "revoked" }
  | { readonly kind: "notRevoked"; readonly problem: Problem }
  /** The person has the file of an earlier visit. */
  | { readonly kind: "keepAsked" }
  | { readonly kind: "kept"; readonly installationId: string }
  | { readonly kind: "notKept"; readonly problem: Problem }
  | { readonly kind: "finishAsked" }
  | { readonly kind: "cleared"; readonly problem?: Problem }
  | { readonly kind: "again" };

/** What the page tells the task. */
export type SendMake = (event: MakeEvent) => void;

export type MakeEffect =
  | { readonly kind: "connect"; readonly wallet: AnnouncedWallet }
  | { readonly kind: "make"; readonly protection: MakeProtection }
  | { readonly kind: "stop" }
  | { readonly kind: "save" }
  /** What was saved, or what the person shows. */
  | { readonly kind: "check"; readonly file: ChosenFile | "saved" }
  | {
      readonly kind: "revoke";
      readonly wallet: AnnouncedWallet;
      readonly installationIds: readonly string[];
    }
  /** Strikes the note off of a file that the person has. */
  | { readonly kind: "keep"; readonly installationId: string }
  /** `unfinishedNotes`: whether the notes of what no file holds are still needed. */
  | { readonly kind: "forget"; readonly unfinishedNotes: "kept" | "removed" };

/** Lets go of everything but the notes. */
const forget: MakeEffect = { kind: "forget", unfinishedNotes: "kept" };
/** The person knows of them, or they are revoked. */
const forgetNotes: MakeEffect = { kind: "forget", unfinishedNotes: "removed" };

type MakeStep = Step<MakeState, MakeEffect>;

const clear = (next: AfterClearing, effect: MakeEffect): MakeStep =>
  goTo({ step: "clearing", next }, effect);

/** Whether leaving the page would interrupt something, or lose a file that is not saved. */
export function isMaking(state: MakeState): boolean {
  return ["making", "made", "unfinished", "clearing"].includes(state.step);
}

/** Where the task begins. @param left - what an earlier visit has registered, and may have no file */
export function makeStart(left: readonly LeftRegistered[]): MakeState {
  return left.length === 0
    ? start
    : { step: "unfinished", left, revoking: "no" };
}

/** What the person is asked about now: each file that may be saved by itself, before all that were never made. */
export function askedAbout(
  left: readonly LeftRegistered[],
): readonly LeftRegistered[] {
  const perhapsSaved = left.find(({ file }) => file === "perhapsSaved");
  return perhapsSaved === undefined ? left : [perhapsSaved];
}

const start = { step: "choosingWallet" } as const;

/** Events that do not fit where the task is are ignored: they come from work that was stopped. */
export function makeTransition(state: MakeState, event: MakeEvent): MakeStep {
  switch (state.step) {
    case "choosingWallet":
      return event.kind === "walletChosen"
        ? goTo(
            { step: "connecting", name: event.wallet.info.name },
            { kind: "connect", wallet: event.wallet },
          )
        : goTo(state);
    case "connecting":
      return whileConnecting(state, event);
    case "deciding":
      return whenDeciding(state, event);
    case "making":
      return whileMaking(state, event);
    case "made":
      return whenMade(state, event);
    case "unfinished":
      return whenUnfinished(state, event);
    case "clearing":
      return goTo(
        event.kind === "cleared"
          ? { ...state.next, ...(event.problem && { problem: event.problem }) }
          : state,
      );
    case "revoked":
    case "done":
      return goTo(event.kind === "again" ? start : state);
  }
}

function whileConnecting(
  state: MakeState & { step: "connecting" },
  event: MakeEvent,
): MakeStep {
  switch (event.kind) {
    case "connected":
      return goTo({
        step: "deciding",
        wallet: event.wallet,
        budget: event.budget,
        chosen: "passphrase",
      });
    case "notConnected":
      return goTo({ step: "choosingWallet", problem: event.problem });
    case "anotherWallet":
      return goTo(start, { kind: "stop" }, forget);
    default:
      return goTo(state);
  }
}

function whenDeciding(
  state: MakeState & { step: "deciding" },
  event: MakeEvent,
): MakeStep {
  const { wallet, budget } = state;
  if (event.kind === "anotherWallet") return goTo(start, forget);
  if (
    event.kind !== "makeAsked" ||
    budget.anotherFile === "low" ||
    (event.protection.kind === "wallet" && wallet.type === "contract")
  )
    return goTo(state);
  return goTo(
    {
      step: "making",
      wallet,
      budget,
      chosen: event.protection.kind,
      course: noCourse,
    },
    { kind: "make", protection: event.protection },
  );
}

function whileMaking(
  state: MakeState & { step: "making" },
  event: MakeEvent,
): MakeStep {
  const { wallet, budget, chosen } = state;
  switch (event.kind) {
    case "progressed":
      return goTo({ ...state, course: advance(state.course, event.progress) });
    case "made":
      return goTo({
        step: "made",
        wallet,
        budget,
        created: event.created,
        saved: "no",
        check: { kind: "notYet" },
      });
    case "notMade": {
      const { problem } = event;
      const { installationId } = problem;
      return goTo(
        installationId === undefined
          ? { step: "deciding", wallet, budget, chosen, problem }
          : {
              step: "unfinished",
              left: [{ installationId, file: "notMade" }],
              problem,
              revoking: "no",
            },
      );
    }
    case "stopAsked":
      return goTo(state, { kind: "stop" });
    default:
      return goTo(state);
  }
}

function whenMade(
  { problem, ...state }: MakeState & { step: "made" },
  event: MakeEvent,
): MakeStep {
  const same = { ...state, ...(problem && { problem }) };
  switch (event.kind) {
    case "saveAsked":
      return goTo(state, { kind: "save" });
    case "saved":
      return event.how === "picked"
        ? goTo(
            { ...state, saved: "picked", check: { kind: "checking" } },
            { kind: "check", file: "saved" },
          )
        : goTo({ ...state, saved: "downloaded", check: { kind: "notYet" } });
    case "notSaved":
      return goTo({ ...state, problem: event.problem });
    case "fileShown":
      return state.check.kind === "checking" || state.saved === "no"
        ? goTo(same)
        : goTo(
            { ...state, check: { kind: "checking" } },
            { kind: "check", file: event.file },
          );
    case "opens":
      return goTo({ ...state, check: { kind: "opens" } });
    case "doesNotOpen":
      return goTo({
        ...state,
        check: { kind: "failed", problem: event.problem },
      });
    case "finishAsked":
      return state.saved === "no" || state.check.kind === "checking"
        ? goTo(same)
        : clear(
            { step: "done", created: state.created, check: state.check },
            forget,
          );
    default:
      return goTo(same);
  }
}

function whenUnfinished(
  { problem, ...state }: MakeState & { step: "unfinished" },
  event: MakeEvent,
): MakeStep {
  const asked = askedAbout(state.left);
  const installationIds = asked.map(({ installationId }) => installationId);
  const others = state.left.filter((each) => !asked.includes(each));
  const [first] = asked;
  switch (event.kind) {
    case "walletChosen":
      return state.revoking === "no"
        ? goTo(
            { ...state, revoking: "yes" },
            { kind: "revoke", wallet: event.wallet, installationIds },
          )
        : goTo({ ...state, ...(problem && { problem }) });
    case "stopAsked":
      return goTo(
        { ...state, ...(problem && { problem }) },
        ...(state.revoking === "yes" ? [{ kind: "stop" } as const] : []),
      );
    case "revoked":
      return others.length === 0
        ? clear({ step: "revoked" }, forgetNotes)
        : goTo(makeStart(others));
    case "keepAsked":
      return first?.file === "perhapsSaved" && state.revoking === "no"
        ? goTo(state, { kind: "keep", installationId: first.installationId })
        : goTo({ ...state, ...(problem && { problem }) });
    case "kept":
      return goTo(
        makeStart(
          state.left.filter(
            ({ installationId }) => installationId !== event.installationId,
          ),
        ),
      );
    case "notKept":
      return goTo({ ...state, problem: event.problem });
    case "notRevoked":
      return goTo({ ...state, revoking: "no", problem: event.problem });
    case "again":
      // A file that may be saved is kept or revoked.
      return first?.file === "perhapsSaved" || state.revoking === "yes"
        ? goTo({ ...state, ...(problem && { problem }) })
        : clear(start, forgetNotes);
    default:
      return goTo({ ...state, ...(problem && { problem }) });
  }
}
