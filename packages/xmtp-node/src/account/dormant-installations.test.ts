import { join } from "node:path";
import { newInstallation, createPerson } from "@carryover/testkit";
import { describeDormantInstallationsContract } from "@carryover/testkit/contracts";
import { systemClock, systemRandomBytes } from "../clock.js";
import { createDormantInstallations } from "./dormant-installations.js";
import { networkOf } from "./network-options.js";
import { createWorkPlaces } from "./work-places.js";

describeDormantInstallationsContract("node", async (network) => {
  const observer = await newInstallation(createPerson(network));
  return {
    installations: createDormantInstallations({
      observer,
      network: networkOf(observer),
      workPlaces: await createWorkPlaces(
        join(await network.temporaryDirectory(), "work"),
      ),
      clock: systemClock,
      randomBytes: systemRandomBytes,
    }),
    close: async () => undefined,
  };
});
