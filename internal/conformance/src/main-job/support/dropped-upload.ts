import type { ProviderHooks, UploadStep } from "@carryover/storage-provider";

/** Hooks of a storage service that hangs up on one upload, the first that comes so far, and on no other. */
export function dropOneUploadAt(wanted: UploadStep): {
  readonly hooks: ProviderHooks;
  readonly wasDropped: () => boolean;
} {
  let isDropped = false;
  return {
    hooks: {
      uploadStep: async (step) => {
        if (isDropped || step !== wanted) return "continue";
        isDropped = true;
        return "drop";
      },
    },
    wasDropped: () => isDropped,
  };
}
