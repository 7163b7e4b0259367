import { open } from "node:fs/promises";
import { isIPv4, type Socket } from "node:net";
import { endianness } from "node:os";

/** Bytes of connections that the system holds because the other side has not acknowledged them. */
export interface UnacknowledgedBytes {
  /** @returns `undefined` where the system does not say */
  of(socket: Socket): number | undefined;
}

const tables = ["/proc/net/tcp", "/proc/net/tcp6"];
const established = "01";

/**
 * Asks the system how much of what it was given is still on its way to the other side. Linux says so; elsewhere, and
 * where `/proc` is hidden, nothing is known.
 *
 * @returns what held a moment ago; never rejects
 */
export async function readUnacknowledgedBytes(): Promise<UnacknowledgedBytes> {
  const bytes = new Map<string, number>();
  for (const table of tables) await readTable(table, bytes);
  return {
    of(socket) {
      const key = keyOf(socket);
      return key === undefined ? undefined : bytes.get(key);
    },
  };
}

async function readTable(
  path: string,
  bytes: Map<string, number>,
): Promise<void> {
  try {
    const file = await open(path);
    for await (const line of file.readLines()) {
      // sl  local_address  rem_address  st  tx_queue:rx_queue  …
      const [, local, remote, state, queues] = line.trim().split(/\s+/, 5);
      if (state !== established || queues === undefined) continue;
      bytes.set(`${local} ${remote}`, parseInt(queues, 16));
    }
  } catch {
    // Without the table nothing is known of its connections.
  }
}

function keyOf(socket: Socket): string | undefined {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (
    localAddress === undefined ||
    localPort === undefined ||
    remoteAddress === undefined ||
    remotePort === undefined
  ) {
    return undefined;
  }
  const end = (address: string, port: number) =>
    `${kernelForm(address)}:${hex(port, 4)}`;
  return `${end(localAddress, localPort)} ${end(remoteAddress, remotePort)}`;
}

/**
 * @param address IPv4 or IPv6, as text
 * @returns it as the tables of Linux have it: each 32 bits as one number of this machine's own byte order, in hexadecimal
 */
export function kernelForm(address: string): string {
  const bytes = isIPv4(address)
    ? Buffer.from(address.split(".").map(Number))
    : ipv6Bytes(address);
  if (endianness() === "LE") bytes.swap32();
  return bytes.toString("hex").toUpperCase();
}

function ipv6Bytes(address: string): Buffer {
  const plain = address.replace(/%.*$/, "");
  // In its one canonical spelling, which has no dots.
  const canonical = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  const [front = [], back = []] = canonical
    .split("::", 2)
    .map((half) => half.split(":").filter((group) => group !== ""));
  const zeros = Array<string>(8 - front.length - back.length).fill("0");
  const groups = [...front, ...zeros, ...back];
  return Buffer.from(
    groups.map((group) => group.padStart(4, "0")).join(""),
    "hex",
  );
}

const hex = (number: number, digits: number) =>
  number.toString(16).toUpperCase().padStart(digits, "0");
