import type { Page } from "playwright-core";

/** The authenticator that makes and keeps a page's passkeys. */
export interface PasskeyAuthenticator {
  /** Forgets every passkey that was made. */
  clear(): Promise<void>;
}

/**
 * Gives a page the authenticator of a device: it keeps passkeys, derives secrets with them (WebAuthn PRF), and says yes at
 * once. Passkeys belong to names: the page must be at `localhost`, and not at an address.
 */
export async function addPasskeyAuthenticator(
  page: Page,
): Promise<PasskeyAuthenticator> {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send(
    "WebAuthn.addVirtualAuthenticator",
    {
      options: {
        protocol: "ctap2",
        ctap2Version: "ctap2_1",
        transport: "internal",
        hasResidentKey: true,
        hasUserVerification: true,
        hasPrf: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    },
  );
  return {
    clear: async () => {
      await devtools.send("WebAuthn.clearCredentials", { authenticatorId });
    },
  };
}
