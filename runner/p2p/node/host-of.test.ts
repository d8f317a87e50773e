import { multiaddr } from "@multiformats/multiaddr";
import { expect, test } from "vitest";
import { hostOf, isRelayed } from "./host-of.ts";

const host = (text: string): string | null => hostOf(multiaddr(text));

test("a host is an IPv4 address, or the /64 of an IPv6 one", () => {
  expect(host("/ip4/203.0.113.7/tcp/4801/ws")).toBe("203.0.113.7");
  expect(host("/ip6/2001:db8:0:1::7/tcp/4801")).toBe(host("/ip6/2001:db8:0:1:ffff::8/tcp/1"));
  expect(host("/ip6/2001:db8:0:1::7/tcp/4801")).not.toBe(host("/ip6/2001:db8:0:2::7/tcp/4801"));
  expect(host("/ip6/::1/tcp/1")).toBe("0:0:0:0::/64");
  expect(host("/ip6/::ffff:203.0.113.7/tcp/1")).toBe("203.0.113.7");
  expect(host("/dns4/peer.example/tcp/1")).toBe("peer.example");
});

test("an address by way of a relay is told from one that leads there", () => {
  const relay = "/ip4/203.0.113.7/tcp/4801/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";
  expect(isRelayed(multiaddr(relay))).toBe(false);
  expect(isRelayed(multiaddr(`${relay}/p2p-circuit`))).toBe(true);
});
