import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { basename, dirname } from "node:path";

/**
 * Deletes a directory when this process dies, however it does: a shell waits for the end of a pipe that only this process
 * holds. It does not get the signals of this process's terminal or group, and ignores what asks it to end.
 *
 * Where there is no shell (on Windows), or no process more can be had, nothing waits: what a death leaves there has to be
 * swept.
 *
 * @param path - of a directory. Its name must be one of letters, digits, `-` and `_`
 * @returns lets the shell go, which deletes what is still there
 */
export function deleteAfterDeath(path: string): () => void {
  const name = basename(path);
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name))
    throw new Error("this name is not for a shell");
  if (process.platform === "win32") return () => undefined;
  const shell = shellFor(path, name);
  if (shell === undefined) return () => undefined;
  shell.on("error", () => undefined);
  shell.unref();
  const { stdin } = shell;
  stdin?.on("error", () => undefined);
  // It is a socket, which would keep this process alive.
  if (stdin instanceof Socket) stdin.unref();
  return () => {
    stdin?.end();
  };
}

function shellFor(path: string, name: string): ChildProcess | undefined {
  try {
    return spawn(
      "/bin/sh",
      [
        "-c",
        `trap '' HUP INT TERM; while read -r _; do :; done; rm -rf -- "$1"`,
        "sh",
        name,
      ],
      {
        // The rest of the path may say who the person is: no list of processes shows it.
        cwd: dirname(path),
        detached: true,
        stdio: ["pipe", "ignore", "ignore"],
        env: { PATH: process.env["PATH"] },
      },
    );
  } catch {
    // Most reasons that there is no process come as an event; lack of memory, and what forbids processes, are thrown.
    return undefined;
  }
}
