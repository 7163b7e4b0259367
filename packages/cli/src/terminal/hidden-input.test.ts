import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { openHiddenInput } from "./hidden-input.js";

function keyboard() {
  const keys = new PassThrough();
  const modes: boolean[] = [];
  const terminal = Object.assign(keys, {
    setRawMode: (isRaw: boolean) => {
      modes.push(isRaw);
      return terminal;
    },
  }) as unknown as NodeJS.ReadStream & PassThrough;
  let interrupts = 0;
  const hidden = openHiddenInput(terminal, () => {
    interrupts += 1;
  });
  return { hidden, keys, modes, interrupts: () => interrupts };
}

/** Lets what was typed arrive. */
const arrived = () => new Promise((resolve) => setImmediate(resolve));

describe("what is typed and not shown", () => {
  it("is a line, with mistakes taken back, and keys that are no letters left out", async () => {
    for (const [typed, line] of [
      ["seven green bottles\r", "seven green bottles"],
      ["a line feed\n", "a line feed"],
      ["sevn\u007f\u007fven\r", "seven"],
      ["sm\b\bseven\r", "seven"],
      ["wrong\u0015right\r", "right"],
      ["\u007f\u007f\r", ""],
      ["\u001b[D\u001b[1;5Ca\u001bOPb\u001bxc\r", "abc"],
      ["tab\there\u0001\r", "tab\there"],
      ["größe 🔑\u007fx\r", "größe x"],
    ] as const) {
      const { hidden, keys } = keyboard();
      const answer = hidden.line();
      keys.write(typed);
      expect(await answer, JSON.stringify(typed)).toBe(line);
    }
  });

  it("may come in any pieces", async () => {
    const { hidden, keys } = keyboard();
    const answer = hidden.line();
    for (const byte of Buffer.from("größe 🔑\u001b[D\r"))
      keys.write(Buffer.from([byte]));
    expect(await answer).toBe("größe 🔑");
  });

  it("is dropped while nothing is asked, and the end of a line is no line", async () => {
    const { hidden, keys } = keyboard();
    keys.write("too early\r");
    await arrived();
    const first = hidden.line();
    keys.write("first\r\ntoo early again\r");
    expect(await first).toBe("first");
    await arrived();
    const second = hidden.line();
    keys.write("second\r");
    expect(await second).toBe("second");
    const third = hidden.line();
    keys.write("\nthird\r");
    expect(await third).toBe("third");
  });

  it("may be no answer: Ctrl-C, also between questions, Ctrl-D, and a terminal that goes away", async () => {
    const { hidden, keys, interrupts } = keyboard();
    const stopped = hidden.line();
    keys.write("half\u0003");
    expect(await stopped).toBeUndefined();
    keys.write("\u0003");
    await arrived();
    expect(interrupts()).toBe(2);
    const ended = hidden.line();
    keys.write("x\u0004\u007f\u0004");
    expect(await ended).toBeUndefined();
    const gone = hidden.line();
    keys.end();
    expect(await gone).toBeUndefined();
  });

  it("is shown again only once it is closed", async () => {
    const { hidden, keys, modes } = keyboard();
    for (const line of ["one", "two"]) {
      const answer = hidden.line();
      keys.write(`${line}\r`);
      await answer;
    }
    expect(modes).toEqual([true]);
    hidden.close();
    expect(modes).toEqual([true, false]);
  });
});
