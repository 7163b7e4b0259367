import {
  createNetworkLink,
  createPerson,
  createTestNetwork,
  newInstallation,
} from "@carryover/testkit";
import { describeChannelsContract } from "@carryover/testkit/contracts";
import { createChannels } from "./channels.js";
import { systemClock } from "./clock.js";

describeChannelsContract(
  "node",
  async () => {
    const network = await createTestNetwork();
    const askingLink = await createNetworkLink(network.apiUrl);
    const askedLink = await createNetworkLink(network.apiUrl);
    network.onClose(() => askingLink.close());
    network.onClose(() => askedLink.close());
    const person = createPerson(network);
    const asked = await newInstallation(person, { apiUrl: askedLink.url });
    const asking = await newInstallation(person, { apiUrl: askingLink.url });
    return {
      inboxId: asked.inboxId,
      asking: createChannels(asking, systemClock),
      asked: createChannels(asked, systemClock),
      askingLink,
      askedLink,
      close: () => network.close(),
    };
  },
  { worlds: "sideBySide" },
);
