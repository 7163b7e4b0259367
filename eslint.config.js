import js from "@eslint/js";
import tseslint from "typescript-eslint";

/** Packages that must run in Node, browsers and workers alike. */
const portable = ["protocol", "backup-file", "account-file", "client"];

/** Those, and the ones that run in browsers too. */
const withoutNode = [...portable, "xmtp-shared", "xmtp-browser"];

const speaksToSdk = [
  "xmtp-shared",
  "xmtp-node",
  "xmtp-browser",
  "storage-provider",
];

const nodeBuiltins = {
  regex: "^node:",
  message: "This package knows no Node: take I/O through a port.",
};
const sdk = {
  group: ["@xmtp/*"],
  message: "Only the xmtp-* adapters speak to the SDK.",
};

/** What each package may import of the others (DESIGN: the walls). */
const mayImport = {
  protocol: [],
  "backup-file": [],
  "account-file": ["backup-file"],
  client: ["protocol", "backup-file", "account-file"],
  "xmtp-shared": ["protocol", "client"],
  "xmtp-node": [
    "protocol",
    "backup-file",
    "account-file",
    "client",
    "xmtp-shared",
  ],
  "xmtp-browser": [
    "protocol",
    "backup-file",
    "account-file",
    "client",
    "xmtp-shared",
  ],
  "storage-provider": [],
  "local-network": [],
};

/** What tests alone may import. */
const forTests = ["testkit", "chromium"];

const carryover = (name) => ({
  regex: `^@carryover/(?!(${[...(mayImport[name] ?? []), ...forTests].join("|")})(/|$))`,
  message: `${name} may not import this package.`,
});

const wall = (name) => ({
  files: [`packages/${name}/src/**/*.ts`],
  ignores: ["**/*.test.ts", "**/testing/**"],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          carryover(name),
          {
            regex: `^@carryover/(${forTests.join("|")})`,
            message: "This is for tests.",
          },
          ...(withoutNode.includes(name) ? [nodeBuiltins] : []),
          ...(speaksToSdk.includes(name) ? [] : [sdk]),
        ],
      },
    ],
    ...(portable.includes(name)
      ? {
          "no-restricted-globals": [
            "error",
            ...[
              "fetch",
              "indexedDB",
              "caches",
              "navigator",
              "self",
              "postMessage",
              "process",
              "Buffer",
            ].map((global) => ({
              name: global,
              message:
                "This package knows neither Node nor the DOM: take it through a port.",
            })),
            ...["setTimeout", "setInterval"].map((global) => ({
              name: global,
              message: "Time comes in through Clock.",
            })),
          ],
          "no-restricted-properties": [
            "error",
            {
              object: "Date",
              property: "now",
              message: "Time comes in through Clock.",
            },
            {
              object: "Math",
              property: "random",
              message: "Randomness comes in through a port.",
            },
          ],
        }
      : {}),
  },
});

/** The web app reaches XMTP through its adapter alone. */
const webWall = [
  {
    regex:
      "^@carryover/(?!(client|account-file|backup-file|xmtp-browser)(/|$))",
    message: "The web app may not import this package.",
  },
  { ...nodeBuiltins, message: "This runs in a browser." },
  sdk,
];

export default tseslint.config(
  {
    ignores: [
      "**/dist/**",
      "apps/web/dist-*/**",
      "**/gen/**",
      "node_modules/**",
    ],
  },
  js.configs.recommended,
  {
    files: ["**/*.{js,mjs}"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        URL: "readonly",
        Buffer: "readonly",
      },
    },
  },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.check.json", "./apps/*/tsconfig.json"],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      "@typescript-eslint/no-floating-promises": "error",
      "@typescript-eslint/switch-exhaustiveness-check": [
        "error",
        { considerDefaultExhaustiveForUnions: true },
      ],
      "@typescript-eslint/consistent-type-imports": [
        "error",
        { fixStyle: "inline-type-imports" },
      ],
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/require-await": "off",
      "no-restricted-syntax": [
        "error",
        {
          selector: "TSEnumDeclaration",
          message: "Erasable syntax only: use a union of words.",
        },
        {
          selector: "TSParameterProperty",
          message: "Erasable syntax only: declare the field.",
        },
        {
          selector: "TSModuleDeclaration[kind!='global']",
          message: "Erasable syntax only: use modules.",
        },
        {
          selector: "ExportAllDeclaration",
          message: "Exports are named, one by one.",
        },
        {
          selector: "ExportDefaultDeclaration",
          message: "No default exports.",
        },
      ],
    },
  },
  {
    files: ["vitest.config.ts", "apps/*/vite.config.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
  ...Object.keys(mayImport).map(wall),
  {
    files: ["apps/web/src/**/*.{ts,tsx}"],
    ignores: ["**/*.test.ts", "**/testing/**"],
    rules: {
      "no-restricted-imports": ["error", { patterns: webWall }],
      // Whatever is said there stays in a tab for anybody to read.
      "no-console": "error",
    },
  },
);
