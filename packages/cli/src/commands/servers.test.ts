import { readFile, stat } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { waitFor } from "@carryover/testkit";
import { createTestHome, type TestHome } from "../testing/command.js";
import { startDev } from "../testing/dev.js";

let home: TestHome;

beforeEach(async () => {
  home = await createTestHome();
});

afterEach(() => home.remove());

describe("carryover dev", () => {
  it("runs once a home, and says so to the second one", async () => {
    const dev = await startDev(home);
    const second = await home.run(["dev", "--json", ...anyPorts]);
    expect(second.exitCode).toBe(5);
    expect(second.json()).toMatchObject({ error: { code: "devRunning" } });
    // The first one is still there for other commands.
    expect(
      JSON.parse(
        await readFile(join(home.directory, "dev", "endpoints.json"), "utf8"),
      ),
    ).toMatchObject({ networkUrl: dev.networkUrl });
    await dev.stop("SIGINT");
  });

  it.each(["--grpc-port", "--storage-port"])(
    "names a %s that is taken",
    async (option) => {
      const dev = await startDev(home);
      const taken = new URL(
        option === "--grpc-port" ? dev.networkUrl : dev.storageUrl,
      ).port;
      const ports = {
        "--grpc-port": "0",
        "--grpc-web-port": "0",
        "--storage-port": "0",
        [option]: taken,
      };
      const { exitCode, stderr } = await home.run([
        "dev",
        "--no-web-app",
        "--directory",
        join(home.temporary, "elsewhere"),
        ...Object.entries(ports).flat(),
      ]);
      expect(exitCode).toBe(5);
      expect(stderr).toContain(`port ${taken}`);
      expect(stderr).toContain("Nothing was started.");
      await dev.stop("SIGINT");
    },
  );

  it.each(["SIGINT", "SIGTERM"] as const)(
    "ends well with %s, and keeps what it holds private",
    async (signal) => {
      const dev = await startDev(home);
      const { exitCode, stdout, stderr } = await dev.stop(signal);
      expect(exitCode).toBe(0);
      expect(stderr).toBe(
        signal === "SIGINT"
          ? "Stopping ... (Ctrl-C once more ends at once)\n"
          : "",
      );
      expect(stdout).toContain('"event":"stopped"');
      const directory = join(home.directory, "dev");
      expect((await stat(directory)).mode & 0o777).toBe(0o700);
    },
  );

  it("is looked for where it was, and not at the usual port, where somebody else may serve meanwhile", async () => {
    const dev = await startDev(home);
    await dev.stop("SIGINT");
    await home.run(["wallet", "create", "alix"]);
    const { exitCode, stderr } = await home.run(
      "init --profile phone --wallet alix".split(" "),
    );
    expect(exitCode).toBe(5);
    expect(stderr).toContain(new URL(dev.networkUrl).host);
  });

  it("starts again after a crash", async () => {
    const first = home.start(["dev", "--json", ...anyPorts]);
    await waitFor("it listens", () => first.stdout().includes("listening"));
    first.child.kill("SIGKILL");
    await first.finished;
    const dev = await startDev(home);
    expect((await dev.stop("SIGINT")).exitCode).toBe(0);
  });
});

const anyPorts = [
  "--no-web-app",
  ...["--grpc-port", "0", "--grpc-web-port", "0", "--storage-port", "0"],
];

describe("carryover storage serve", () => {
  it("serves, logs nothing secret, and ends well", async () => {
    const running = home.start(["storage", "serve", "--port", "0", "--json"]);
    const line = await waitFor(
      "it listens",
      () => running.stdout().split("\n").at(-2) !== undefined,
    ).then(() => running.stdout().split("\n")[0] ?? "");
    const { url } = JSON.parse(line) as { url: string };
    const answer = await fetch(`${url}/authorizations`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    expect(answer.ok).toBe(true);
    const { uploadUrl } = (await answer.json()) as { uploadUrl: string };
    running.child.kill("SIGTERM");
    const { exitCode, stdout } = await running.finished;
    expect(exitCode).toBe(0);
    expect(stdout).toContain('"/authorizations"');
    expect(stdout).not.toContain(new URL(uploadUrl).search.slice(1));
  });

  it("says where it listens, and where clients reach it", async () => {
    const running = home.start([
      ...["storage", "serve", "--port", "0"],
      ...["--public-url", "https://backups.example"],
    ]);
    const listening = await waitFor(
      "it listens",
      () => /listens at +(http:\S+)\n/.exec(running.stdout()) ?? undefined,
    );
    expect((await fetch(`${listening[1] ?? ""}/healthz`)).status).toBe(200);
    running.child.kill("SIGTERM");
    expect((await running.finished).stdout).toMatch(
      /clients reach it +https:\/\/backups\.example\n/,
    );
  });

  it("takes settings from the environment, and names a wrong one", async () => {
    const { exitCode, stderr } = await home.run(["storage", "serve"], {
      env: { CARRYOVER_STORAGE_RETENTION_HOURS: "soon" },
    });
    expect(exitCode).toBe(2);
    expect(stderr).toContain("CARRYOVER_STORAGE_RETENTION_HOURS");
    expect(stderr).toContain("Nothing was started.");
  });

  it("tells a port in use from a Redis that is away", async () => {
    const taken = createServer();
    await new Promise<void>((done) => taken.listen(0, "127.0.0.1", done));
    const port = String((taken.address() as AddressInfo).port);
    try {
      const inUse = await home.run(["storage", "serve", "--port", port]);
      expect(inUse.exitCode).toBe(5);
      expect(inUse.stderr).toContain(`port ${port} is in use`);
    } finally {
      taken.close();
    }
    const away = await home.run(["storage", "serve", "--port", "0"], {
      env: { CARRYOVER_STORAGE_REDIS_URL: "redis://127.0.0.1:1" },
    });
    expect(away.exitCode).toBe(5);
    expect(away.stderr).toContain("the store of the limits does not answer");
    expect(away.stderr).not.toContain("in use");
  });
});
