import { help, parseOptions } from "./options.js";
import { renderMarkdown } from "./report/render-markdown.js";
import { renderText } from "./report/render-text.js";
import { summarize } from "./report/summary.js";
import { writeDocument } from "./report/write-document.js";
import { runBench } from "./run-bench.js";

const options = parseOptions(process.argv.slice(2));
if (options === undefined) process.stdout.write(help);
else {
  const measurements = await runBench(options, (line) =>
    process.stderr.write(`${line}\n`),
  );
  const tables = summarize(measurements);
  if (options.document !== undefined)
    await writeDocument(options.document, renderMarkdown(tables));
  switch (options.format) {
    case "json":
      process.stdout.write(`${JSON.stringify(measurements, null, 2)}\n`);
      break;
    case "markdown":
      process.stdout.write(renderMarkdown(tables));
      break;
    case "text":
      process.stdout.write(renderText(tables));
      break;
  }
}
