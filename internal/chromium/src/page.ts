import { createPeer } from "./wire.js";

declare global {
  /** Put here by the test runner: carries a message to it. */
  var carryToTests: ((message: string) => Promise<string>) | undefined;
  /** For the test runner: carries a message into the page. */
  var carryToPage: ((message: string) => Promise<string>) | undefined;
  /** For the test runner: what the page offers, as it travels. */
  var offeredToTests: string | undefined;
}

/**
 * Offers a program to the tests. To be called once, by the entry of a page.
 *
 * @param program - a plain object of functions
 */
export function offerToTests(program: object): void {
  const peer = createPeer((message) => {
    if (globalThis.carryToTests === undefined)
      throw new Error("no test runner is there");
    return globalThis.carryToTests(message);
  });
  globalThis.carryToPage = (message) => peer.answer(message);
  globalThis.offeredToTests = JSON.stringify(peer.encode(program));
}
