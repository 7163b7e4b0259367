import { createMemoryFileSystem, buffersOf } from "./memory-file-system.js";
import {
  isShieldSetup,
  type ShieldNote,
  type ShieldOrder,
  type ShieldReach,
  type ShieldSetup,
} from "./messages.js";
import { createWalledFetch } from "./walled-fetch.js";

// The entry of a worker that runs the library's own script behind a wall and on a file system in memory. Both stand before
// the first line of that script runs: should either fail, it never runs.

declare const self: DedicatedWorkerGlobalScope;

type Handler = (event: MessageEvent) => unknown;

let setup: ShieldSetup["carryoverShield"] | undefined;
/** What the library's page half has sent while its worker half was still on its way. */
let waiting: MessageEvent[] | undefined = [];
let handler: Handler | undefined;

// The library's script sets this, and nothing else, to hear its page half.
Object.defineProperty(self, "onmessage", {
  get: () => handler ?? null,
  set: (next: Handler | null) => {
    handler = next ?? undefined;
  },
});

self.addEventListener("message", (event: MessageEvent) => {
  const [port] = event.ports;
  if (setup === undefined && isShieldSetup(event.data) && port !== undefined) {
    setup = event.data.carryoverShield;
    void begin(setup, port);
  } else if (waiting !== undefined) waiting.push(event);
  else handler?.call(self, event);
});

async function begin(
  { script, reach, files }: ShieldSetup["carryoverShield"],
  port: MessagePort,
): Promise<void> {
  const tell = (note: ShieldNote, transfer: Transferable[] = []) =>
    port.postMessage(note, transfer);
  try {
    const memory = createMemoryFileSystem(files);
    replace(navigator.storage, "getDirectory", () => memory.getDirectory());
    const open = new Set<string>();
    putUpWall(reach, open);
    port.onmessage = ({ data: order }: MessageEvent<ShieldOrder>) => {
      if (order.kind === "mayWriteTo") {
        open.add(order.groupId);
        tell({ kind: "done", id: order.id });
      } else {
        const tree = memory.copy();
        tell({ kind: "done", id: order.id, files: tree }, buffersOf(tree));
      }
    };
    await import(/* @vite-ignore */ script);
    if (handler === undefined)
      throw new Error("the library's script listens in another way");
    tell({ kind: "up" });
    for (const event of waiting ?? []) handler.call(self, event);
    waiting = undefined;
  } catch (error) {
    tell({ kind: "failed", why: String(error) });
    self.close();
  }
}

/** Every other way from a worker to the network. The library uses none. */
const otherWays = [
  "XMLHttpRequest",
  "WebSocket",
  "WebSocketStream",
  "WebTransport",
  "EventSource",
  "Worker",
  "importScripts",
];

function putUpWall(reach: ShieldReach, open: ReadonlySet<string>): void {
  if (reach.kind === "everything") return;
  const walled = createWalledFetch(
    reach.kind === "offline"
      ? reach
      : {
          keyPackage: reach.keyPackage,
          otherwise: reach.otherwise,
          mayWriteTo: (groupId) => open.has(groupId),
        },
    { passOn: self.fetch.bind(self), base: self.location.href },
  );
  replace(self, "fetch", walled);
  for (const name of otherWays)
    if (name in self) replace(self, name, undefined);
}

/** For good: nothing that runs later can put the old one back. */
function replace(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, {
    value,
    writable: false,
    configurable: false,
  });
  if (Reflect.get(object, name) !== value)
    throw new Error(`${name} could not be replaced`);
}
