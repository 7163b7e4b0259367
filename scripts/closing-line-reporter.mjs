// Ends a test run with one plain line, "N passed, N failed", for machines that read only that.
export default class ClosingLineReporter {
  onTestRunEnd(modules) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      // A file that could not be loaded has no tests to count, and is a failure all the same.
      counts.failed += module.errors().length > 0 ? 1 : 0;
      for (const test of module.children.allTests())
        counts[
          test.result().state === "pending" ? "failed" : test.result().state
        ] += 1;
    }
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
    console.log(`\n${counts.passed} passed, ${counts.failed} failed${skipped}`);
  }
}
