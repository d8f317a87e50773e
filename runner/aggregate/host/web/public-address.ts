import { BlockList, isIP } from "node:net";

/** Special-purpose ranges, which no public host has: the IANA registries of RFC 6890, and multicast. */
const RANGES: [string, number, "ipv4" | "ipv6"][] = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.0.0.0", 24, "ipv4"],
  ["192.0.2.0", 24, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["198.18.0.0", 15, "ipv4"],
  ["198.51.100.0", 24, "ipv4"],
  ["203.0.113.0", 24, "ipv4"],
  ["224.0.0.0", 3, "ipv4"],
  ["::", 96, "ipv6"],
  ["64:ff9b:1::", 48, "ipv6"],
  ["100::", 64, "ipv6"],
  ["2001::", 23, "ipv6"],
  ["2001:db8::", 32, "ipv6"],
  ["2002::", 16, "ipv6"],
  ["3fff::", 20, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
  ["fec0::", 10, "ipv6"],
  ["ff00::", 8, "ipv6"],
];

const special = new BlockList();
for (const [net, prefix, family] of RANGES) special.addSubnet(net, prefix, family);

/** IPv4 in IPv6: mapped (RFC 4291 section 2.5.5.2) and translated (RFC 6052). */
const EMBEDDED = /^(?:::ffff:|64:ff9b::)(.+)$/i;

/** Whether an IP address is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !special.check(address, "ipv4");
  if (family !== 6) return false;
  const embedded = EMBEDDED.exec(address)?.[1];
  if (embedded !== undefined) return isPublicAddress(toDotted(embedded));
  return !special.check(address, "ipv6");
}

/** An IPv4 address in either notation: 127.0.0.1, 7f00:1. */
function toDotted(text: string): string {
  if (isIP(text) === 4) return text;
  const [high = "", low = ""] = text.split(":");
  const value = (Number.parseInt(high, 16) << 16) | Number.parseInt(low || "0", 16);
  return [24, 16, 8, 0].map((bits) => (value >>> bits) & 255).join(".");
}
