import { create } from "@bufbuild/protobuf";
import { Code, ConnectError, type ServiceImpl } from "@connectrpc/connect";
import {
  applyIdentityUpdate,
  type AssociationState,
} from "./association-state.js";
import { IdentityRefusal } from "./identity-refusal.js";
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
  const states = new Map<string, AssociationState>();

  const stateOf = (inboxId: string): AssociationState | undefined => {
    let state = states.get(inboxId);
    if (state !== undefined) return state;
    for (const { update } of store.identityUpdates(inboxId))
      if (update !== undefined) state = applyIdentityUpdate(state, update);
    if (state !== undefined) states.set(inboxId, state);
    return state;
  };

  return {
    publishIdentityUpdate: ({ identityUpdate }) => {
      // A plain error of the real node is Unknown to gRPC.
      if (identityUpdate === undefined)
        throw new ConnectError("IdentityUpdate is required", Code.Unknown);
      const { inboxId } = identityUpdate;
      requireHex(inboxId);
      if (store.identityUpdates(inboxId).length >= maxIdentityUpdates)
        throw new ConnectError("inbox log is full", Code.Unknown);
      const before = stateOf(inboxId);
      const after = refusalAsInvalid(() =>
        applyIdentityUpdate(before, identityUpdate),
      );
      store.insertIdentityUpdate(identityUpdate, {
        addedAddresses: addressesIn(after, before),
        removedAddresses: addressesIn(before, after),
      });
      states.set(inboxId, after);
      return create(PublishIdentityUpdateResponseSchema);
    },

    getIdentityUpdates: ({ requests }) =>
      create(GetIdentityUpdatesResponseSchema, {
        responses: requests.map(({ inboxId, sequenceId }) => {
          requireHex(inboxId);
          return create(GetIdentityUpdatesResponse_ResponseSchema, {
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
          });
        }),
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

/** The addresses that belong to the inbox in `state` and did not in `other`. */
function addressesIn(
  state: AssociationState | undefined,
  other: AssociationState | undefined,
): string[] {
  const addresses: string[] = [];
  for (const [key, { member }] of state?.members ?? [])
    if (member.kind === "ethereum" && other?.members.has(key) !== true)
      addresses.push(member.text);
  return addresses;
}

/** The real node's database decodes the id, and its refusal arrives as a plain error. */
function requireHex(inboxId: string): void {
  if (!/^([0-9a-fA-F]{2})*$/.test(inboxId))
    throw new ConnectError("inbox id is not hex", Code.Unknown);
}

function refusalAsInvalid<T>(apply: () => T): T {
  try {
    return apply();
  } catch (cause) {
    if (!(cause instanceof IdentityRefusal)) throw cause;
    throw new ConnectError(
      cause.message,
      Code.InvalidArgument,
      undefined,
      undefined,
      cause,
    );
  }
}
