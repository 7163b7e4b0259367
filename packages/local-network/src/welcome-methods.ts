import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { type ServiceImpl } from "@connectrpc/connect";
import { toHex } from "./bytes.js";
import {
  type MlsApi,
  QueryWelcomeMessagesResponseSchema,
  type WelcomeMessageInput,
} from "./gen/xmtp/mls/api/v1/mls_pb.js";
import {
  WelcomePointerWrapperAlgorithm,
  WelcomeWrapperAlgorithm,
} from "./gen/xmtp/mls/message_contents/wrapper_algorithm_pb.js";
import { pageRequest, pagingReply } from "./paging.js";
import { invalid, plainError } from "./refusals.js";
import { type Store } from "./store.js";

/** The methods of `MlsApi` around welcomes. */
export function createWelcomeMethods(store: Store) {
  return {
    sendWelcomeMessages: (request) => {
      if (request.messages.length === 0)
        throw invalid("no welcome messages to send");
      request.messages.forEach(checkWelcome);
      for (const message of request.messages) store.insertWelcome(message);
      return create(EmptySchema);
    },

    queryWelcomeMessages: (request) => {
      if (request.installationKey.length === 0)
        throw plainError("installation is required");
      const paging = pageRequest(request.pagingInfo);
      const page = store.welcomes.page(toHex(request.installationKey), paging);
      return create(QueryWelcomeMessagesResponseSchema, {
        messages: page.entries.map(({ message }) => message),
        pagingInfo: pagingReply(paging, page.nextCursor),
      });
    },

    subscribeWelcomeMessages: async function* (request, context) {
      if (request.filters.length === 0)
        throw invalid("no valid filters provided");
      const filters = request.filters.map(({ installationKey, idCursor }) => {
        if (installationKey.length === 0)
          throw invalid("a filter is nil or installation key is empty");
        return { topic: toHex(installationKey), afterId: idCursor };
      });
      for await (const { message } of store.welcomes.follow(
        filters,
        context.signal,
      ))
        yield message;
      context.signal.throwIfAborted();
    },
  } satisfies Partial<ServiceImpl<typeof MlsApi>>;
}

function checkWelcome({ version }: WelcomeMessageInput): void {
  switch (version.case) {
    case "v1": {
      const { installationKey, data, hpkePublicKey, wrapperAlgorithm } =
        version.value;
      const needsKey =
        wrapperAlgorithm !== WelcomeWrapperAlgorithm.SYMMETRIC_KEY;
      if (
        data.length === 0 ||
        installationKey.length === 0 ||
        (needsKey && hpkePublicKey.length === 0)
      )
        throw invalid("invalid welcome message");
      break;
    }
    case "welcomePointer": {
      const {
        installationKey,
        welcomePointer,
        hpkePublicKey,
        wrapperAlgorithm,
      } = version.value;
      if (
        installationKey.length === 0 ||
        welcomePointer.length === 0 ||
        hpkePublicKey.length === 0
      )
        throw invalid("invalid welcome pointer message");
      if (
        wrapperAlgorithm !==
        WelcomePointerWrapperAlgorithm.XWING_MLKEM_768_DRAFT_6
      )
        throw invalid("invalid welcome pointer wrapper algorithm");
      break;
    }
    case undefined:
      throw invalid("invalid welcome message: missing version");
  }
}
