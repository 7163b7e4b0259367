import type { CarryoverEvent } from "@carryover/xmtp-node";
import type { Device } from "./world.js";

/** Every event of an installation, from now on. */
export function collectEvents({ carryover }: Device): CarryoverEvent[] {
  const events: CarryoverEvent[] = [];
  carryover.subscribe((event) => events.push(event));
  return events;
}
