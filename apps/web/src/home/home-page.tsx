import type { Cleared } from "../browser/clear.js";
import type { Tasks } from "../app/tasks.js";
import { hashOf } from "../routing/route.js";
import { Notice } from "../ui/notice.js";
import { ClearingView, type Clearing } from "./clearing-view.js";
import { SweptNotice } from "./swept-notice.js";
import { TaskPage } from "../ui/task-page.js";

const cards = [
  {
    route: "answer",
    title: "Answer a request with a Backup Account File",
    happens:
      "Your new device asks for its history and shows a PIN. The file answers in the place of an old device, after your yes.",
    needs: "the file, what opens it, and the new device",
  },
  {
    route: "make",
    title: "Make a Backup Account File",
    happens:
      "Your wallet registers one more installation of your account, asleep in an encrypted file. From then on the network keeps new messages for it.",
    needs: "the wallet of your XMTP account",
  },
  {
    route: "look",
    title: "Look inside a file",
    happens:
      "You see what a Backup Account File or a Message Backup File holds, and that it is whole. Nothing is sent anywhere.",
    needs: "the file, and what opens it",
  },
  {
    route: "restore",
    title: "Restore to an archive",
    happens:
      "What the file brings back is saved as an XMTP archive, for an app that imports one.",
    needs: "the file, and what opens it",
  },
] as const;

/** What one can do here, and what happens then. */
export function HomePage({
  tasks,
  swept,
  isNoteUnread,
  clearing,
}: {
  tasks: Tasks;
  swept: Cleared;
  /** Whether something was begun of which the network does not say what became of it. */
  isNoteUnread: boolean;
  clearing: Clearing;
}) {
  return (
    <TaskPage
      title="Your XMTP messages, back on a new device"
      // After clearing the focus comes here, where the outcome stands.
      step={clearing.kind === "cleared" ? "cleared" : "home"}
      intro={
        <p className="lead">
          For everyone whose app does not do this by itself: with a Backup
          Account File, on this machine alone.
        </p>
      }
    >
      <ClearingView clearing={clearing} />
      {clearing.kind === "none" && (
        <>
          <SweptNotice swept={swept} />
          {tasks.make.isUnfinished() && (
            <Notice kind="warn" title="A file was begun and not finished">
              <p>
                An earlier visit had begun to make a Backup Account File, and
                ended before it was seen to be saved:{" "}
                <a href={hashOf("make")}>see what is left to do</a>.
              </p>
            </Notice>
          )}
          {isNoteUnread && (
            <Notice kind="warn" title="A file may not be finished">
              <p>
                An earlier visit had begun to make a Backup Account File, and
                the XMTP network cannot be reached to see what became of it. The
                note of it stays until then: reload this page when the network
                is there.
              </p>
            </Notice>
          )}
        </>
      )}
      <ul className="cards">
        {cards.map(({ route, title, happens, needs }) => (
          <li key={route} className="card">
            <h2>
              <a href={hashOf(route)}>{title}</a>
            </h2>
            {tasks[route].isBusy() && (
              <p className="badge">Under way: open to go on</p>
            )}
            <p>{happens}</p>
            <p className="needs">
              <strong>You need</strong> {needs}.
            </p>
          </li>
        ))}
      </ul>
      <section className="promises" aria-labelledby="promises">
        <h2 id="promises">What this page does, and what it does not</h2>
        <ul>
          <li>
            Your file and its secret stay on this machine. There is no account
            here, no cookie, no tracking, and nothing is loaded from anywhere
            else.
          </li>
          <li>
            History is sent only after your yes to one request, encrypted for
            the device that asked.
          </li>
          <li>
            A page can only be as honest as whoever serves it. Open it from a
            place that you trust, or run it yourself.
          </li>
        </ul>
      </section>
    </TaskPage>
  );
}
