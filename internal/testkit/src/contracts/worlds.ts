/** Whether the tests of a contract wait for each other. `sideBySide` where several worlds can be made at once. */
export type Worlds = "oneByOne" | "sideBySide";

/** Options of a `describe` whose tests each make a world of their own. */
export const describeWorlds = (worlds: Worlds) => ({
  concurrent: worlds === "sideBySide",
  timeout: 120_000,
});

/** Runs each test in a world of its own, which is closed on every path. */
export const inWorldOf =
  <Subject extends { close(): Promise<void> }>(
    makeSubject: () => Promise<Subject>,
  ) =>
  (work: (subject: Subject) => Promise<void>) =>
  async () => {
    const subject = await makeSubject();
    try {
      await work(subject);
    } finally {
      await subject.close();
    }
  };
