import { toHex } from "../hex.js";

/** How a request is called in a note of the journal. An id is what the asking device chose: any text. */
export const keyOfRequest = (requestId: string): string =>
  toHex(new TextEncoder().encode(requestId));
