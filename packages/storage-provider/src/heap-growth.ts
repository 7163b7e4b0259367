import { setFlagsFromString } from "node:v8";

/**
 * Lets this process's heap grow to five times what was alive before it is collected as a whole: about 15 MB are alive, so
 * some 60 MB more. Bytes on their way in count as heap. By its own rule V8 would settle at a whole collection for every
 * 25 MB of uploads, and these would take as much processor time as all else.
 */
export function letHeapGrow(): void {
  setFlagsFromString("--heap-growing-percent=400");
}
