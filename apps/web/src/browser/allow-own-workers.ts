interface TrustedTypesFactory {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): unknown;
}

/**
 * The page's policy lets no text become script. The XMTP library runs in a worker that it starts by its address: only
 * addresses below the page's own are let through.
 */
export function allowOwnWorkers(): void {
  const { trustedTypes } = globalThis as {
    trustedTypes?: TrustedTypesFactory;
  };
  const base = new URL(".", document.baseURI).href;
  trustedTypes?.createPolicy("default", {
    createScriptURL: (url) => {
      const { href } = new URL(url, document.baseURI);
      if (href.startsWith(base)) return href;
      throw new TypeError("this page runs no script of another place");
    },
  });
}
