import { BlockList, isIP } from "node:net";

/** IPv4 ranges that are not the public internet (IANA special-purpose registry), multicast and broadcast. */
const notPublicIpv4: readonly [string, number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/** The one range of IPv6 that is global unicast; all else is refused unread. */
const globalIpv6: [string, number] = ["2000::", 3];

/** What of it is not the public internet, or wraps an IPv4 address: Teredo, documentation, 6to4. */
const notPublicIpv6: readonly [string, number][] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

/** RFC 6052: a network with NAT64 writes an IPv4 address so. What it leads to is that address. */
const nat64Prefix = "64:ff9b::";

const blockListOf = (
  ranges: readonly [string, number][],
  family: "ipv4" | "ipv6",
) => {
  const list = new BlockList();
  for (const [net, prefix] of ranges) list.addSubnet(net, prefix, family);
  return list;
};

const refusedIpv4 = blockListOf(notPublicIpv4, "ipv4");
const refusedIpv6 = blockListOf(notPublicIpv6, "ipv6");
const acceptedIpv6 = blockListOf([globalIpv6], "ipv6");
const loopbackIpv4 = blockListOf([["127.0.0.0", 8]], "ipv4");
const nat64 = blockListOf([[nat64Prefix, 96]], "ipv6");

/**
 * Whether an address belongs to the public internet.
 *
 * @param address - IPv4 in four decimal parts, or IPv6; anything else is not public
 */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !refusedIpv4.check(address, "ipv4");
    case 6: {
      // A zone belongs to addresses of one link.
      if (address.includes("%")) return false;
      if (nat64.check(address, "ipv6"))
        return isPublicAddress(lastFourBytes(address));
      return (
        acceptedIpv6.check(address, "ipv6") &&
        !refusedIpv6.check(address, "ipv6")
      );
    }
    default:
      return false;
  }
}

/** Whether an address never leaves this machine. */
export function isLoopbackAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return loopbackIpv4.check(address, "ipv4");
    case 6:
      return canonical(address) === "::1";
    default:
      return false;
  }
}

/** The URL parser writes IPv6 in its one canonical form. */
function canonical(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function lastFourBytes(address: string): string {
  const groups = canonical(address).split(":");
  const low = [groups.at(-2), groups.at(-1)].map((group) =>
    group === undefined || group === "" ? 0 : Number.parseInt(group, 16),
  );
  return low.flatMap((group) => [group >> 8, group & 255]).join(".");
}
