import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { build } from "vite";
import { expect, onTestFinished, test } from "vitest";
import { privateMessage } from "./fixtures/mls.js";
import { clientsOf, startNetwork, transportTo } from "./fixtures/network.js";
import { temporaryDirectory } from "./fixtures/temporary-directory.js";
import { MlsApi } from "./gen/xmtp/mls/api/v1/mls_pb.js";

const groupId = Buffer.from("0102", "hex");

async function buildProgram(): Promise<string> {
  const outDir = temporaryDirectory();
  await build({
    configFile: false,
    logLevel: "error",
    build: {
      ssr: true,
      outDir,
      minify: false,
      target: "node20",
      rollupOptions: {
        input: { serve: join(import.meta.dirname, "fixtures/serve.ts") },
        output: { entryFileNames: "[name].mjs" },
      },
    },
    ssr: { noExternal: true },
  });
  return join(outDir, "serve.mjs");
}

async function serve(
  program: string,
  directory: string,
): Promise<{ process: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [program, directory], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout });
  const [url] = (await once(lines, "line")) as [string];
  return { process: child, url };
}

test(
  "whatever was acknowledged before a SIGKILL is there afterwards",
  { timeout: 60_000 },
  async () => {
    const program = await buildProgram();
    const directory = temporaryDirectory();
    const acknowledged: number[] = [];
    let number = 0;
    for (let life = 0; life < 3; life += 1) {
      const { process: child, url } = await serve(program, directory);
      const mls = createClient(MlsApi, createGrpcTransport({ baseUrl: url }));
      const killAt = acknowledged.length + 300;
      const died = once(child, "exit");
      const write = async (): Promise<void> => {
        for (;;) {
          number += 1;
          const mine = number;
          const text = `#${mine} ${"x".repeat((mine * 97) % 3000)}`;
          try {
            await mls.sendGroupMessages({
              messages: [
                {
                  version: {
                    case: "v1",
                    value: {
                      data: privateMessage({
                        groupId,
                        ciphertext: Buffer.from(text),
                      }),
                    },
                  },
                },
              ],
            });
          } catch {
            return;
          }
          acknowledged.push(mine);
          if (acknowledged.length === killAt) child.kill("SIGKILL");
        }
      };
      await Promise.all(Array.from({ length: 8 }, write));
      await died;
    }

    const { mls } = clientsOf(transportTo(await startNetwork({ directory })));
    const stored = new Set<number>();
    let idCursor = 0n;
    do {
      const page = await mls.queryGroupMessages({
        groupId,
        pagingInfo: { direction: 1, idCursor },
      });
      for (const { version } of page.messages) {
        const data = Buffer.from(version.value?.data ?? []).toString("latin1");
        stored.add(Number(/#(\d+) x*$/.exec(data)?.[1]));
      }
      idCursor = page.pagingInfo?.idCursor ?? 0n;
    } while (idCursor !== 0n);
    expect(acknowledged.length).toBeGreaterThanOrEqual(900);
    expect(acknowledged.filter((each) => !stored.has(each))).toEqual([]);
  },
);
