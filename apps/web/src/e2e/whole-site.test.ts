import { expect, test } from "vitest";
import { violationsOf } from "../testing/accessibility.js";
import { faultsOf } from "../testing/content-policy.js";
import { leaveThings, ofAnotherPage } from "../testing/left-things.js";
import { keptBy } from "../testing/open-page.js";
import { useScene } from "../testing/use-scene.js";

const scene = useScene();

test("what an earlier visit has left is cleared at the next one, and nothing of other pages", async () => {
  await scene.begin();
  const tab = await scene.open("");
  await tab.page.evaluate(leaveThings);
  await tab.page.reload();
  await tab.sees("The last visit ended in the middle.");
  expect(await violationsOf(tab)).toEqual([]);
  expect(await keptBy(tab)).toEqual(ofAnotherPage);

  // Settings that are missing, or will not do, keep nothing here: it is gone before they are asked for.
  const unsafe = `{"environment":"local","storageOrigins":["http://a.b"]}`;
  for (const [settings, says] of [
    [undefined, "could not be fetched"],
    [{ status: 404 }, "the server answered with 404"],
    [{ body: unsafe }, "storageOrigins[0] must be an https origin"],
  ] as const) {
    await tab.page.evaluate(leaveThings);
    let keptThen: unknown;
    await tab.page.route(/config\.json$/, async (route) => {
      keptThen = await keptBy(tab);
      await (settings === undefined ? route.abort() : route.fulfill(settings));
    });
    await tab.page.reload();
    await tab.sees("Carryover cannot start");
    await tab.sees(says);
    await tab.sees("The last visit ended in the middle.");
    expect(keptThen).toEqual(ofAnotherPage);
    expect(await violationsOf(tab)).toEqual([]);
    await tab.page.unroute(/config\.json$/);
  }
  await tab.page.reload();
  await tab.press("Clear everything");
  await tab.sees(
    "2 things of other pages at the same address were left alone.",
  );
});

test("the page's policy stops every script that is not a file of the page", async () => {
  await scene.begin();
  const elsewhere = await scene.stage.app.serve(
    {},
    { head: "", probe: `document.documentElement.dataset.elsewhere = "ran"` },
  );
  const site = await scene.stage.app.serve(
    { environment: "local", storageOrigins: [] },
    {
      // As somebody could put it there who can write into a page, and not beside it.
      head: `<script>document.documentElement.dataset.inline = "ran"</script>
        <script src="${elsewhere.origin}/some/path/probe.js"></script>
        <script src="data:text/javascript,document.documentElement.dataset.data='ran'"></script>
        <base href="${elsewhere.url}">
        <script type="module" src="./probe.js"></script>`,
      probe,
    },
  );
  const tab = await scene.open("", { site });
  await tab.sees("Your XMTP messages, back on a new device");
  const ran = await tab.page.evaluate(() => ({
    ...document.documentElement.dataset,
  }));
  // The page's own file did run, and so would the others have.
  expect(ran).toEqual({
    own: "ran",
    eval: "EvalError",
    function: "EvalError",
    markup: "TypeError",
    worker: "TypeError",
    handler: "stopped",
  });
  const policy = await tab.page
    .locator('meta[http-equiv="Content-Security-Policy"]')
    .getAttribute("content");
  expect(faultsOf(policy ?? "")).toEqual([]);
  await site.close();
  await elsewhere.close();
});

/** A file of the page that tries what a script must not be able to do either. */
const probe = `
  const said = document.documentElement.dataset;
  const attempt = (name, work) => {
    try { work(); said[name] = "ran"; } catch (error) { said[name] = error.name; }
  };
  attempt("own", () => undefined);
  attempt("eval", () => (0, eval)("1"));
  attempt("function", () => new Function("return 1")());
  attempt("markup", () => { document.createElement("div").innerHTML = "<img src=x>"; });
  attempt("worker", () => new Worker("data:text/javascript,1"));
  said.handler = "stopped";
  const button = document.createElement("button");
  attempt("attribute", () => button.setAttribute("onclick", "document.documentElement.dataset.handler = 'ran'"));
  delete said.attribute;
  button.click();
`;
