import { useCallback, useEffect, useState } from "react";
import { type Cleared, clearEverything } from "../browser/clear.js";
import { useLeaveWarning } from "../browser/use-leave-warning.js";
import type { AppConfig } from "../config/parse-config.js";
import { problemOf } from "../errors/problem.js";
import type { Clearing } from "../home/clearing-view.js";
import { HomePage } from "../home/home-page.js";
import { hashOf, type Route } from "../routing/route.js";
import { useRoute } from "../routing/use-route.js";
import { AnswerPage } from "../tasks/answer/answer-page.js";
import { LookPage } from "../tasks/look/look-page.js";
import { MakePage } from "../tasks/make/make-page.js";
import { RestorePage } from "../tasks/restore/restore-page.js";
import { Notice } from "../ui/notice.js";
import { ProblemView } from "../ui/problem-view.js";
import { TaskPage } from "../ui/task-page.js";
import { Footer } from "./footer.js";
import { SweptNotice } from "../home/swept-notice.js";
import { Header } from "./header.js";
import { type StartUp, useStartUp } from "./start-up.js";
import { areBusy, createTasks, disposeTasks, type Tasks } from "./tasks.js";

/** The whole page. */
export function App() {
  const startUp = useStartUp();
  switch (startUp.kind) {
    case "starting":
      return (
        <main className="page">
          <p role="status">One moment …</p>
        </main>
      );
    case "waiting":
      return (
        <>
          <Header route={undefined} />
          <TaskPage title="Carryover is open in another tab" step="waiting">
            <div role="status">
              <Notice kind="info" title="This tab waits">
                <p>
                  Two tabs would get in each other&rsquo;s way: what one of them
                  clears, the other may still need. Go on in the other tab, or
                  close it: then this one takes over by itself. Nothing was
                  changed there.
                </p>
              </Notice>
            </div>
          </TaskPage>
        </>
      );
    case "failed":
      return (
        <>
          <Header route={undefined} />
          <TaskPage title="Carryover cannot start" step="failed">
            <ProblemView problem={startUp.problem} />
            {startUp.swept && <SweptNotice swept={startUp.swept} />}
          </TaskPage>
        </>
      );
    case "ready":
      return <Ready {...startUp} />;
  }
}

function Ready({
  config,
  swept,
  unfinished,
}: Pick<StartUp & { kind: "ready" }, "config" | "swept" | "unfinished">) {
  const route = useRoute();
  const [tasks, setTasks] = useState(() =>
    createTasks(config, unfinished === "unknown" ? [] : unfinished),
  );
  const [clearing, setClearing] = useState<Clearing>({ kind: "none" });
  useLeaveWarning(useCallback(() => areBusy(tasks), [tasks]));
  useEffect(keepDropsFromOpening, []);
  useEffect(() => {
    if (route !== "home") setClearing({ kind: "none" });
  }, [route]);
  const clear = async () => {
    if (tasks.make.isBusy() && !window.confirm(unsavedFile)) return;
    setClearing({ kind: "clearing" });
    window.location.hash = hashOf("home");
    await disposeTasks(tasks);
    setTasks(createTasks(config));
    try {
      const cleared = await clearEverything({ unfinishedNotes: "removed" });
      setClearing({ kind: "cleared", cleared });
    } catch (error) {
      setClearing({ kind: "failed", problem: problemOf(error) });
    }
  };
  return (
    <>
      <Header route={route} />
      <Page
        route={route}
        tasks={tasks}
        config={config}
        swept={swept}
        isNoteUnread={unfinished === "unknown"}
        clearing={clearing}
      />
      <Footer
        config={config}
        canClear={clearing.kind !== "clearing"}
        onClear={() => void clear()}
      />
    </>
  );
}

const unsavedFile =
  "A Backup Account File is being made, or is not saved yet. If everything is cleared now, an installation may stay registered that no file holds. Clear anyway?";

function Page({
  route,
  tasks,
  config,
  swept,
  isNoteUnread,
  clearing,
}: {
  route: Route;
  tasks: Tasks;
  config: AppConfig;
  swept: Cleared;
  isNoteUnread: boolean;
  clearing: Clearing;
}) {
  switch (route) {
    case "home":
      return (
        <HomePage
          tasks={tasks}
          swept={swept}
          isNoteUnread={isNoteUnread}
          clearing={clearing}
        />
      );
    case "answer":
      return <AnswerPage key={route} task={tasks.answer} config={config} />;
    case "make":
      return <MakePage key={route} task={tasks.make} />;
    case "look":
      return <LookPage key={route} task={tasks.look} />;
    case "restore":
      return <RestorePage key={route} task={tasks.restore} />;
  }
}

/** A file that misses its place must not take the page's. */
function keepDropsFromOpening(): () => void {
  const keep = (event: DragEvent) => event.preventDefault();
  window.addEventListener("dragover", keep);
  window.addEventListener("drop", keep);
  return () => {
    window.removeEventListener("dragover", keep);
    window.removeEventListener("drop", keep);
  };
}
