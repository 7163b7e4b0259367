import { Client, type NetworkOptions } from "@xmtp/browser-sdk";
import { carryoverClientOptions, type XmtpClient } from "../index.js";

/** A wallet as it travels. */
export interface TestSigner {
  type: "EOA";
  getIdentifier: () => Promise<{ identifier: string; identifierKind: number }>;
  signMessage: (message: string) => Promise<Uint8Array>;
}

/** How a client is made. */
export interface ClientRequest {
  apiUrl: string;
  /** Calls run in the test, where the wallet is. */
  signer: TestSigner;
  /** A file in the origin private file system, or `null` for memory. */
  dbPath: string | null;
}

/** The SDK's type of options takes either kind of them, and no other object literal. */
export const networkOf = ({ apiUrl }: ClientRequest): NetworkOptions => ({
  env: "local",
  apiUrl,
});

/** Makes a client as the documentation says. */
export async function makeClient(request: ClientRequest): Promise<XmtpClient> {
  return await Client.create(request.signer, {
    ...networkOf(request),
    dbPath: request.dbPath,
    ...carryoverClientOptions(),
  });
}

const everyConsentState = [0, 1, 2];

type SdkConversation = NonNullable<
  Awaited<ReturnType<XmtpClient["conversations"]["getConversationById"]>>
>;

/** A conversation as a plain object, whose functions travel. */
const plain = (conversation: SdkConversation) => ({
  id: conversation.id,
  sendText: (text: string) => conversation.sendText(text),
  updateConsentState: (state: number) => conversation.updateConsentState(state),
  updateMessageDisappearingSettings: (fromNs: bigint, inNs: bigint) =>
    conversation.updateMessageDisappearingSettings(fromNs, inNs),
});

/** What tests do with conversations, as the person would in an app. */
export const plainConversations = (client: XmtpClient) => ({
  createGroup: async (inboxIds: string[], options?: { groupName?: string }) =>
    plain(await client.conversations.createGroup(inboxIds, options)),
  createDm: async (inboxId: string) =>
    plain(await client.conversations.createDm(inboxId)),
  listGroups: async (options: { consentStates: number[] }) =>
    (await client.conversations.listGroups(options)).map(plain),
  syncAll: async (consentStates: number[]) =>
    void (await client.conversations.syncAll(consentStates)),
  ids: async () =>
    (await client.conversations.list({ consentStates: everyConsentState })).map(
      ({ id }) => id,
    ),
  sendText: async (id: string, text: string) => {
    const found = await client.conversations.getConversationById(id);
    if (found === undefined) throw new Error("the conversation is not there");
    await found.sendText(text);
  },
  /** Every text of a conversation, oldest first. */
  texts: async (id: string) => {
    const found = await client.conversations.getConversationById(id);
    const messages = (await found?.messages()) ?? [];
    return messages
      .map(({ content }) => content)
      .filter((content) => typeof content === "string");
  },
});
