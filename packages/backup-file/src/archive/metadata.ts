import { create, toBinary } from "@bufbuild/protobuf";
import {
  BackupElementSchema,
  BackupElementSelection,
} from "../gen/device_sync/device_sync_pb.js";
import { elementRecord } from "../element/record.js";
import type { BackupElementRecord } from "../element/view.js";

/** What an archive's metadata says. */
export interface ArchiveMetadataInput {
  /** Nanoseconds since 1970. */
  readonly exportedAtNs: bigint;
  readonly startNs?: bigint | undefined;
  readonly endNs?: bigint | undefined;
  readonly selection: readonly ("messages" | "consent")[];
}

const selections = {
  messages: BackupElementSelection.MESSAGES,
  consent: BackupElementSelection.CONSENT,
} as const;

/** The metadata element that every XMTP archive begins with. */
export const createMetadataElement = (
  input: ArchiveMetadataInput,
): BackupElementRecord =>
  elementRecord(
    toBinary(
      BackupElementSchema,
      create(BackupElementSchema, {
        element: {
          case: "metadata",
          value: {
            elements: input.selection.map((word) => selections[word]),
            exportedAtNs: input.exportedAtNs,
            ...(input.startNs === undefined ? {} : { startNs: input.startNs }),
            ...(input.endNs === undefined ? {} : { endNs: input.endNs }),
          },
        },
      }),
    ),
  );
