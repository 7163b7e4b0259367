import { Command } from "commander";
import type { CommandContext } from "../context.js";
import { exitCodes } from "../exit-code.js";
import { parseName } from "../profile/home.js";
import { readSecretFile } from "../profile/secret-file.js";
import {
  listWallets,
  loadWallet,
  parseWalletKey,
  saveWallet,
} from "../profile/wallet-store.js";
import { hint } from "../terminal/hint.js";
import { createWalletKey, type WalletKey } from "../xmtp/wallet-signature.js";
import { commandOf, type CommonOptions, type Run } from "./command-line.js";

/** `carryover wallet create | import | list`: the keys that accounts belong to. */
export function walletCommand(run: Run): Command {
  const wallet = new Command("wallet").description(
    "make, import and list wallets: what an account belongs to",
  );
  wallet.addCommand(
    commandOf("create", "draw a new key")
      .argument("<name>", "such as alix")
      .action(async (name: string, _options, command: Command) => {
        await run(command.opts<CommonOptions>(), (context) =>
          store(context, name, () => Promise.resolve(createWalletKey())),
        );
      }),
  );
  wallet.addCommand(
    commandOf(
      "import",
      "store a key that you have: from a prompt, a file, or CARRYOVER_WALLET_KEY",
    )
      .argument("<name>", "such as alix")
      .option("--key-file <path>", "file that holds the key in hex")
      .action(async (name: string, _options, command: Command) => {
        const options = command.opts<CommonOptions & { keyFile?: string }>();
        await run(options, (context) =>
          store(context, name, () => readKey(context, options.keyFile)),
        );
      }),
  );
  wallet.addCommand(
    commandOf("list", "names and addresses").action(
      async (_options, command: Command) => {
        await run(command.opts<CommonOptions>(), list);
      },
    ),
  );
  return wallet;
}

async function store(
  context: CommandContext,
  name: string,
  key: () => Promise<WalletKey>,
) {
  const { home, output } = context;
  parseName("wallet", name);
  const wallet = await key();
  await saveWallet(home, name, wallet);
  output.json({
    ok: true,
    command: "wallet",
    name,
    address: wallet.address,
  });
  output.say(
    `${output.style.green("✓")} wallet ${name}: ${wallet.address}`,
    `  The key is in ${home.walletFile(name)}, readable by you alone.`,
  );
  return exitCodes.done;
}

async function readKey(
  { environment, prompt }: CommandContext,
  keyFile: string | undefined,
): Promise<WalletKey> {
  if (keyFile !== undefined)
    return parseWalletKey(await readSecretFile(keyFile, "Nothing was stored."));
  const given = environment["CARRYOVER_WALLET_KEY"] ?? "";
  return parseWalletKey(
    given === "" ? await prompt.secret("Private key (not shown): ") : given,
  );
}

async function list({ home, output }: CommandContext) {
  const wallets = [];
  for (const name of await listWallets(home))
    wallets.push({ name, address: (await loadWallet(home, name)).address });
  output.json({ ok: true, command: "wallet", wallets });
  output.say(
    ...(wallets.length === 0
      ? [`There is no wallet yet. Make one with: ${hint("wallet create NAME")}`]
      : wallets.map(({ name, address }) => `${name}  ${address}`)),
  );
  return exitCodes.done;
}
