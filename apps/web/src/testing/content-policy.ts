/** What each directive may say at most. Whatever is not named here must not be there. */
const strictest: Record<string, readonly string[]> = {
  "default-src": ["'none'"],
  "script-src": ["'self'", "'wasm-unsafe-eval'"],
  "worker-src": ["'self'"],
  "style-src": ["'self'"],
  "img-src": ["'self'", "data:"],
  // One build serves any settings.
  "connect-src": [
    "'self'",
    "https:",
    "http://localhost:*",
    "http://127.0.0.1:*",
  ],
  "form-action": ["'none'"],
  "base-uri": ["'none'"],
  "require-trusted-types-for": ["'script'"],
  "trusted-types": ["default"],
};

/**
 * What a content-security policy allows that it must not, and what it leaves open.
 *
 * @param policy - as it stands in the page
 */
export function faultsOf(policy: string): string[] {
  const directives = policy
    .split(";")
    .map((directive) => directive.trim().split(/\s+/))
    .filter(([name]) => name !== undefined && name !== "");
  const names = directives.map(([name = ""]) => name);
  return [
    ...Object.keys(strictest)
      .filter((name) => !names.includes(name))
      .map((name) => `${name}: is missing`),
    // A second one of a name is ignored by browsers, and may be the one that somebody reads.
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `${name}: stands there twice`),
    ...directives.flatMap(([name = "", ...sources]) =>
      sources
        .filter((source) => !(strictest[name] ?? []).includes(source))
        .map((source) => `${name}: allows ${source}`),
    ),
  ];
}
