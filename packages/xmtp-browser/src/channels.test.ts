import { laterIterable } from "@carryover/chromium";
import {
  createNetworkLink,
  createPerson,
  createTestNetwork,
} from "@carryover/testkit";
import { describeChannelsContract } from "@carryover/testkit/contracts";
import {
  type RemoteInstallation,
  usePortsInChromium,
} from "./testing/ports-in-chromium.js";

const page = usePortsInChromium();

describeChannelsContract("browser", async () => {
  const network = await createTestNetwork();
  const askingLink = await createNetworkLink(network.network.grpcWebUrl);
  const askedLink = await createNetworkLink(network.network.grpcWebUrl);
  network.onClose(() => askingLink.close());
  network.onClose(() => askedLink.close());
  const person = createPerson(network);
  const asked = await page.openInstallation(person, askedLink.url);
  const asking = await page.openInstallation(person, askingLink.url);
  network.onClose(() => asked.close());
  network.onClose(() => asking.close());
  return {
    inboxId: asked.inboxId,
    asking: channelsOf(asking),
    asked: channelsOf(asked),
    askingLink,
    askedLink,
    close: () => network.close(),
  };
});

const channelsOf = ({ channels }: RemoteInstallation) => ({
  ...channels,
  stream: (signal: AbortSignal) => laterIterable(channels.stream(signal)),
});
