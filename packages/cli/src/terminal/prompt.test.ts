import { PassThrough, Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createPrompt } from "./prompt.js";

function piped(text: string, signal = new AbortController().signal) {
  const asked: string[] = [];
  const output = new PassThrough();
  output.on("data", (chunk: Buffer) => asked.push(chunk.toString()));
  const prompt = createPrompt(
    Readable.from(text === "" ? [] : [text]) as unknown as NodeJS.ReadStream,
    output as unknown as NodeJS.WriteStream,
    signal,
  );
  return { prompt, asked };
}

describe("prompt without a terminal", () => {
  it("takes one piped line for each question", async () => {
    const { prompt, asked } = piped("1111\r\n2222\ny\n");
    expect(prompt.isInteractive).toBeFalsy();
    expect(await prompt.line("PIN? ")).toBe("1111");
    expect(await prompt.secret("again? ")).toBe("2222");
    expect(await prompt.yesNo("sure? ")).toBe("yes");
    expect(asked.join("")).toBe("PIN? \nagain? \nsure? \n");
  });

  it("asks again until it understands, and takes an empty answer as no", async () => {
    const { prompt } = piped("maybe\nYES\n\n");
    expect(await prompt.yesNo("? ")).toBe("yes");
    expect(await prompt.yesNo("? ")).toBe("no");
  });

  it("never takes the end of input for a yes", async () => {
    const { prompt } = piped("");
    await expect(prompt.yesNo("? ")).rejects.toMatchObject({
      code: "notInteractive",
      exitCode: 2,
    });
  });

  it("asks nothing once it was stopped", async () => {
    const stop = new AbortController();
    const { prompt, asked } = piped("y\n", stop.signal);
    stop.abort();
    await expect(prompt.yesNo("? ")).rejects.toThrow();
    expect(asked).toEqual([]);
  });
});
