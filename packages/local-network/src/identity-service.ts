import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import { AssociationError, applyIdentityUpdate } from "./association-state.js";
import {
  GetIdentityUpdatesResponse_IdentityUpdateLogSchema,
  GetIdentityUpdatesResponse_ResponseSchema,
  GetIdentityUpdatesResponseSchema,
  GetInboxIdsResponse_ResponseSchema,
  GetInboxIdsResponseSchema,
  type IdentityApi,
  PublishIdentityUpdateResponseSchema,
  VerifySmartContractWalletSignaturesResponse_ValidationResponseSchema,
  VerifySmartContractWalletSignaturesResponseSchema,
} from "./gen/xmtp/identity/api/v1/identity_pb.js";
import { type Store } from "./store.js";

/** Updates that an inbox can have, for ever. */
const maxIdentityUpdates = 256;

/** `xmtp.identity.api.v1.IdentityApi` over a store. */
export function createIdentityService(
  store: Store,
): ServiceImpl<typeof IdentityApi> {
  return {
    publishIdentityUpdate: ({ identityUpdate }) => {
      if (identityUpdate === undefined)
        throw new ConnectError("IdentityUpdate is required", Code.Unknown);
      const { inboxId } = identityUpdate;
      if (store.identityUpdates(inboxId).length >= maxIdentityUpdates)
        throw new ConnectError("inbox log is full", Code.Unknown);
      try {
        applyIdentityUpdate(store.associationState(inboxId), identityUpdate);
      } catch (cause) {
        if (!(cause instanceof AssociationError)) throw cause;
        throw new ConnectError(
          cause.message,
          Code.InvalidArgument,
          undefined,
          undefined,
          cause,
        );
      }
      store.insertIdentityUpdate(identityUpdate);
      return create(PublishIdentityUpdateResponseSchema);
    },

    getIdentityUpdates: ({ requests }) =>
      create(GetIdentityUpdatesResponseSchema, {
        responses: requests.map(({ inboxId, sequenceId }) =>
          create(GetIdentityUpdatesResponse_ResponseSchema, {
            inboxId,
            updates: store
              .identityUpdates(inboxId)
              .filter((stored) => stored.sequenceId > sequenceId)
              .map(({ sequenceId: id, serverTimestampNs, update }) =>
                create(GetIdentityUpdatesResponse_IdentityUpdateLogSchema, {
                  sequenceId: id,
                  serverTimestampNs,
                  ...(update === undefined ? {} : { update }),
                }),
              ),
          }),
        ),
      }),

    getInboxIds: ({ requests }) =>
      create(GetInboxIdsResponseSchema, {
        responses: requests.map(({ identifier }) => {
          const inboxId = store.inboxIdOf(identifier);
          return create(GetInboxIdsResponse_ResponseSchema, {
            identifier,
            ...(inboxId === undefined ? {} : { inboxId }),
          });
        }),
      }),

    verifySmartContractWalletSignatures: ({ signatures }) =>
      create(VerifySmartContractWalletSignaturesResponseSchema, {
        responses: signatures.map(() =>
          create(
            VerifySmartContractWalletSignaturesResponse_ValidationResponseSchema,
            {
              isValid: false,
              error: "the local network is not connected to a chain",
            },
          ),
        ),
      }),
  };
}
