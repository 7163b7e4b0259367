import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { type ServiceImpl } from "@connectrpc/connect";
import { type Clock } from "./clock.js";
import {
  FetchKeyPackagesResponse_KeyPackageSchema,
  FetchKeyPackagesResponseSchema,
  type KeyPackageUpload,
  type MlsApi,
  RegisterInstallationResponseSchema,
} from "./gen/xmtp/mls/api/v1/mls_pb.js";
import { parseKeyPackage } from "./key-package.js";
import { asInvalid, invalid } from "./refusals.js";
import { type Store } from "./store.js";

/** The methods of `MlsApi` around key packages. */
export function createKeyPackageMethods(store: Store, clock: Clock) {
  const putKeyPackage = (upload: KeyPackageUpload | undefined): Uint8Array => {
    if (upload === undefined) throw invalid("no key package");
    const bytes = upload.keyPackageTlsSerialized;
    const { installationId } = asInvalid("invalid identity", () =>
      parseKeyPackage(bytes, clock.nowNs() / 1_000_000_000n),
    );
    store.putKeyPackage(installationId, bytes);
    return installationId;
  };

  return {
    registerInstallation: (request) =>
      create(RegisterInstallationResponseSchema, {
        installationKey: putKeyPackage(request.keyPackage),
      }),

    uploadKeyPackage: (request) => {
      putKeyPackage(request.keyPackage);
      return create(EmptySchema);
    },

    fetchKeyPackages: (request) =>
      create(FetchKeyPackagesResponseSchema, {
        keyPackages: request.installationKeys.map((key) => {
          const keyPackageTlsSerialized = store.keyPackage(key);
          return create(
            FetchKeyPackagesResponse_KeyPackageSchema,
            keyPackageTlsSerialized === undefined
              ? {}
              : { keyPackageTlsSerialized },
          );
        }),
      }),
  } satisfies Partial<ServiceImpl<typeof MlsApi>>;
}
