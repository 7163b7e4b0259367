/** What the page may do, beyond what its own `<meta>` policy says: the addresses are known here. */
export interface WebAppPlaces {
  /** gRPC-web. */
  readonly networkWebUrl: string;
  readonly storageUrl: string;
}

/** The headers of every answer. `docs/guide/web-app.md` says what each is for. */
export function webAppHeaders({
  networkWebUrl,
  storageUrl,
}: WebAppPlaces): Record<string, string> {
  const places = [networkWebUrl, storageUrl].map((url) => new URL(url).origin);
  return {
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "worker-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      `connect-src 'self' ${places.join(" ")}`,
      "form-action 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types default",
    ].join("; "),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy":
      "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "cache-control": "no-cache",
  };
}
