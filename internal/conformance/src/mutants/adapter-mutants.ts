import { mutantsOf, tests } from "./mutant.js";

/** Rules 6, 8 and 9, and the official device sync, in the adapter to Node and what it shares with others. */
export const adapterMutants = [
  ...mutantsOf("packages/xmtp-shared/src/device-sync-guard.ts", [
    {
      name: "any client will do",
      find: 'throw new CarryoverError(\n    "deviceSyncAnswers"',
      replace:
        'if (false as boolean) throw new CarryoverError(\n    "deviceSyncAnswers"',
      testFile: tests.deviceSync,
      test: "Carryover does not start where the official device sync could answer: by default",
    },
    {
      name: "any worker that is off will do",
      find: "workerConfig?.disabledWorkers?.includes(taskRunner) === true",
      replace: "workerConfig?.disabledWorkers !== undefined",
      testFile: tests.deviceSync,
      test: "Carryover does not start where the official device sync could answer: with the device-sync worker off, which is not the one that answers",
    },
  ]),
  ...mutantsOf("packages/xmtp-shared/src/client-options.ts", [
    {
      name: "the options that Carryover asks for leave device sync on",
      find: "return { disableDeviceSync: true,",
      replace: "return { disableDeviceSync: false as true,",
      testFile: tests.deviceSync,
      test: "the official device sync gives the whole history to any own installation that asks, at any address that it names, and asks nobody",
    },
  ]),
  ...mutantsOf("packages/xmtp-node/src/storage/storage-target.ts", [
    {
      name: "rule 6: an address in the URL may be private",
      find: "if (isIP(host) !== 0) assertReachable([{ address: host }], reach);",
      replace: "",
      testFile: tests.rule6,
      test: "security rule 6: nothing is uploaded into private address space, though the app allows it",
    },
    {
      name: "rule 6: a name may lead into private address space",
      find: "assertReachable(addresses, reach);\n          if",
      replace: "if",
      testFile: tests.rule6,
      test: "security rule 6: nothing is uploaded to a name that leads into private address space",
    },
    {
      name: "rule 6: one public address of a name is enough",
      find: "if (!addresses.every(({ address }) => isIn(address)))",
      replace: "if (!addresses.some(({ address }) => isIn(address)))",
      testFile: tests.rule6,
      test: "security rule 6: nothing is uploaded to a name that leads into private address space",
    },
    {
      name: "rule 6: plain http to the internet",
      find: 'if (url.protocol === "http:" && reach === "public")',
      replace: "if (false as boolean)",
      testFile: tests.storageTarget,
      test: "parseStorageTarget refuses plain http away from loopback: http://example.org/",
    },
    {
      name: "rule 8: what is no URL is quoted",
      find: '} catch {\n    // Without its cause: that may quote the URL.\n    throw new CarryoverError("invalidOption", "not a URL of a storage service");',
      replace:
        '} catch {\n    throw new CarryoverError("invalidOption", `not a URL: ${value}`);',
      testFile: tests.storageTarget,
      test: "security rule 8: what is no URL of a storage service is not quoted: hunter2",
    },
  ]),
  ...mutantsOf("packages/xmtp-node/src/storage/http-exchange.ts", [
    {
      name: "rule 6: a redirect is taken for an answer",
      find: "if (status >= 300 && status < 400) {",
      replace: "if (false as boolean) {",
      testFile: tests.rule6,
      test: "security rule 6: an upload follows no redirect",
    },
    {
      name: "rule 7: a redirect of a download is taken for an answer",
      find: "if (status >= 300 && status < 400) {",
      replace: "if (false as boolean) {",
      testFile: tests.rule7,
      test: "security rule 7: a download follows no redirect, not even to its own origin",
    },
  ]),
  ...mutantsOf("packages/xmtp-shared/src/storage/service-answers.ts", [
    {
      name: "rule 8: whatever a service says stands in errors",
      find: 'return typeof code === "string" && /^[a-z][a-z-]{0,40}$/.test(code)',
      replace: 'return typeof code === "string"',
      testFile: tests.rule8,
      test: "security rule 8: nothing secret is in an error: message, cause, stack or property",
    },
  ]),
  ...mutantsOf("packages/xmtp-node/src/storage/storage-errors.ts", [
    {
      name: "rule 8: Node's own error of a broken answer is passed on",
      find: "return refused(`the storage service does not speak HTTP (${code})`);",
      replace: "return unavailable(code, error);",
      testFile: tests.storageErrors,
      test: "security rule 8: what a service repeats is not passed on with Node's own error: a broken header",
    },
  ]),
  ...mutantsOf("packages/xmtp-node/src/make-directory.ts", [
    {
      name: "rule 9: directories are open to all",
      find: "export const ownerOnlyDirectory = 0o700;",
      replace: "export const ownerOnlyDirectory = 0o755;",
      testFile: tests.rule9,
      test: "security rule 9: temporary files of a backup are private while they are written and read, and gone afterwards",
    },
  ]),
  ...mutantsOf("packages/xmtp-node/src/private-directory.ts", [
    {
      name: "rule 9: files are open to all",
      find: "export const ownerOnlyFile = 0o600;",
      replace: "export const ownerOnlyFile = 0o644;",
      testFile: tests.rule9,
      test: "security rule 9: a download is private while it is under way; what is left of one that nobody goes on with is swept",
    },
  ]),
  ...mutantsOf("packages/xmtp-node/src/archive-files.ts", [
    {
      name: "rule 9: archives of a crash stay",
      find: "for (const name of await readdir(directory))\n    await rm(join(directory, name), { recursive: true, force: true });",
      replace: "await readdir(directory);",
      testFile: tests.rule9,
      test: "security rule 9: temporary files of a backup are private while they are written and read, and gone afterwards",
    },
    {
      name: "rule 9: an imported archive stays",
      find: "await rm(own, { recursive: true, force: true });\n      }\n    },",
      replace: "void own;\n      }\n    },",
      testFile: tests.rule9,
      test: "security rule 9: temporary files of an import are private while they are written and read, and gone afterwards",
    },
  ]),
];
