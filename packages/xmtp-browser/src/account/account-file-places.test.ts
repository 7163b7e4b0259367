import {
  bundlePage,
  type OpenPage,
  type PageBundle,
  startBrowser,
  type TestBrowser,
} from "@carryover/chromium";
import type { AccountFilePlace, CarryoverErrorCode } from "@carryover/client";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
} from "vitest";
import type { AccountProgram } from "../testing/account-page.js";

let bundle: PageBundle;
let browser: TestBrowser;
let tab: OpenPage<AccountProgram>;
beforeAll(async () => {
  bundle = await bundlePage(
    new URL("../testing/account-page.ts", import.meta.url),
  );
  browser = await startBrowser();
});
afterAll(async () => {
  await browser.close();
  await bundle.remove();
});
beforeEach(async () => {
  tab = await browser.open<AccountProgram>(bundle.directory);
});
afterEach(() => tab.page.close());

const failure = (code: CarryoverErrorCode): unknown =>
  expect.objectContaining({ name: "CarryoverError", code });

const streamOf = (bytes: readonly number[]) =>
  new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const byte of bytes) controller.enqueue(new Uint8Array([byte]));
      controller.close();
    },
  });

const readAll = async (stream: ReadableStream<Uint8Array>) => {
  const bytes: number[] = [];
  for await (const chunk of stream) bytes.push(...chunk);
  return bytes;
};

/** Writes, and tells what the check was given. */
async function write(
  place: AccountFilePlace,
  bytes: readonly number[],
  ifThere: "refuse" | "replace" = "refuse",
) {
  let checked: number[] | undefined;
  await place.write(streamOf(bytes), {
    ifThere,
    check: async (written) => {
      checked = await readAll(written);
    },
  });
  return checked;
}

describe.each(["download", "handle"] as const)(
  "a place for a file: %s",
  (kind) => {
    let place: AccountFilePlace;
    beforeEach(async () => {
      place = await tab.program.openPlace(kind);
    });

    it("has none before one was written, and then gives it as often as it is asked for", async () => {
      expect(await place.exists()).toBe(false);
      await expect(place.open()).rejects.toEqual(
        failure("accountFileNotFound"),
      );
      expect(await write(place, [1, 2, 3])).toEqual([1, 2, 3]);
      expect(await place.exists()).toBe(true);
      for (let times = 0; times < 2; times += 1)
        expect(await readAll(await place.open())).toEqual([1, 2, 3]);
    });

    it("replaces a file when it is told to, and only then", async () => {
      await write(place, [1, 2, 3]);
      await expect(write(place, [4])).rejects.toEqual(
        failure("accountFileExists"),
      );
      expect(await readAll(await place.open())).toEqual([1, 2, 3]);
      await write(place, [4], "replace");
      expect(await readAll(await place.open())).toEqual([4]);
    });

    it("keeps the old file when the newer one fails, or its check", async () => {
      await write(place, [1, 2, 3]);
      const broken = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.error(new Error("cut off")),
      });
      await expect(
        place.write(broken, {
          ifThere: "replace",
          check: async () => undefined,
        }),
      ).rejects.toMatchObject({ message: "cut off" });
      await expect(
        place.write(streamOf([4]), {
          ifThere: "replace",
          check: async () => {
            throw new Error("it does not open");
          },
        }),
      ).rejects.toMatchObject({ message: "it does not open" });
      expect(await readAll(await place.open())).toEqual([1, 2, 3]);
    });
  },
);

describe("a place for a file", () => {
  it("that was taken away has none", async () => {
    const place = await tab.program.openPlace("handle");
    await write(place, [1, 2, 3]);
    await tab.program.removeFile();
    expect(await place.exists()).toBe(false);
    await expect(place.open()).rejects.toEqual(failure("accountFileNotFound"));
  });

  it("that a person chose is read, and never written", async () => {
    const place = await tab.program.openPlace("chosen");
    expect(await place.exists()).toBe(true);
    expect(await readAll(await place.open())).toEqual([1, 2, 3]);
    await expect(write(place, [4], "replace")).rejects.toEqual(
      failure("diskError"),
    );
    expect(await readAll(await place.open())).toEqual([1, 2, 3]);
  });
});
