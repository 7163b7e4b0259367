import { expect, test } from "vitest";
import { createPorts, startEngine } from "./testing/engine-fixture.js";

/** A network that takes every call and answers none. */
function silence(ports: ReturnType<typeof createPorts>): Promise<void> {
  return new Promise((asked) => {
    ports.channels.sync = () => {
      asked();
      return new Promise(() => undefined);
    };
  });
}

test("closing does not wait for a network that went silent", async () => {
  const ports = createPorts();
  const { engine } = await startEngine(ports);
  const asked = silence(ports);
  const syncing = engine.sync();
  await asked;
  await engine.close();
  await expect(syncing).rejects.toMatchObject({ code: "aborted" });
  await expect(engine.sync()).rejects.toMatchObject({ code: "closed" });
});

test("closing ends the listening, also on a network that went silent, and nothing is said of it", async () => {
  const ports = createPorts();
  const { engine, events } = await startEngine(ports);
  const asked = silence(ports);
  await engine.start();
  await asked;
  await engine.close();
  expect(events).toEqual([]);
});
