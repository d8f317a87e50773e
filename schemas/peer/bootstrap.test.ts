import { expect, test } from "vitest";
import { LIMITS } from "../limits.ts";
import { BootstrapAddress, parseBootstrapList } from "./bootstrap.ts";

const ID = "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";
const at = (where: string): string => `${where}/p2p/${ID}`;

test("an address to begin with says where a peer is, and who", () => {
  for (const where of [
    "/ip4/203.0.113.7/tcp/4801",
    "/ip6/2001:db8::7/tcp/4801",
    "/dns/peer.example/tcp/443/wss",
    "/dns4/peer.example/tcp/443/tls/ws",
    "/ip4/127.0.0.1/tcp/65535/ws",
  ])
    expect([where, BootstrapAddress.safeParse(at(where)).success]).toEqual([where, true]);
});

test("what does not say both is no such address", () => {
  for (const text of [
    "",
    "peer.example:4801",
    "https://peer.example",
    "/ip4/203.0.113.7/tcp/4801",
    at("/ip4/203.0.113.700/tcp/4801"),
    at("/ip4/203.0.113.7/tcp/0"),
    at("/ip4/203.0.113.7/tcp/65536"),
    at("/ip4/203.0.113.7/udp/4801/quic-v1"),
    at("/ip4/203.0.113.7/tcp/4801/http"),
    at("/ip6/203.0.113.7/tcp/4801"),
    at("/dns4/-/tcp/4801"),
    "/ip4/203.0.113.7/tcp/4801/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N",
    `${at("/ip4/203.0.113.7/tcp/4801")}/p2p-circuit`,
  ])
    expect([text, BootstrapAddress.safeParse(text).success]).toEqual([text, false]);
});

test("a list keeps what is right in it and says what is not", () => {
  const [first, second] = [at("/ip4/203.0.113.7/tcp/4801"), at("/dns/peer.example/tcp/443/wss")];
  const parsed = parseBootstrapList(` ${first}, nonsense ,${second},${first},`);
  expect(parsed.addresses).toEqual([first, second]);
  expect(parsed.faults).toEqual(['"nonsense" is not an address such as /ip4/203.0.113.7/tcp/4801']);
  expect(parseBootstrapList("")).toEqual({ addresses: [], faults: [] });
});

test("a list that is too long is cut, and that is said", () => {
  const count = LIMITS.bootstrap_peers_max + 1;
  const list = Array.from({ length: count }, (_, n) => at(`/ip4/203.0.113.7/tcp/${1 + n}`));
  const { addresses, faults } = parseBootstrapList(list.join(","));
  expect(addresses).toEqual(list.slice(0, -1));
  expect(faults).toEqual([`${count} addresses are listed; the first ${count - 1} are used`]);
});
