import { defaultLimits } from "../limits.js";
import type { BackupElementRecord } from "../element/view.js";
import { createElementCounter } from "../plain/counter.js";
import type { LeftOut } from "../plain/types.js";
import { writePlainForm } from "../plain/write-plain.js";
import { createPortablePorts } from "../ports/portable.js";
import { collectBytes } from "./bytes.js";
import { sampleHeader } from "./samples.js";

/** The plain form of elements, as the writer makes it. */
export const plainFormOf = (
  elements: readonly BackupElementRecord[],
  leftOut: readonly LeftOut[] = [],
): Promise<Uint8Array> =>
  collectBytes(
    writePlainForm(
      {
        header: sampleHeader,
        elements,
        counter: createElementCounter(defaultLimits),
        leftOut: () => leftOut,
        onManifest: () => undefined,
      },
      createPortablePorts(),
      defaultLimits,
    ),
  );
