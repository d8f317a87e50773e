import { join } from "node:path";
import { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { afterAll, expect, test } from "vitest";
import { z } from "zod";
import { Cleanup } from "../network/cleanup.ts";
import { type PeerProcess, type PeerProcessOptions, startPeer } from "../network/peers/peer-process.ts";
import { createTempFolder } from "../network/temp-folder.ts";

const cleanup = new Cleanup();
afterAll(() => cleanup.run());
const folder = createTempFolder();
cleanup.add(folder.remove);

async function add(name: string, options: Partial<PeerProcessOptions>): Promise<PeerProcess> {
  const peer = await startPeer({ name, home: join(folder.path, name), ...options });
  cleanup.add(peer.program.kill);
  return peer;
}

const Addresses = z.looseObject({ addresses: z.array(PeerAddress) });
const relayed = ({ program }: PeerProcess, seen: number) =>
  program.waitFor(
    "addresses",
    (line) =>
      program.lines.indexOf(line) >= seen &&
      Addresses.parse(line).addresses.some((address) => address.includes("/p2p-circuit")),
  );

test("a relay that was killed is the same one when it comes back, and those whom it led to are reached again", async () => {
  const relay = await add("relay", { listen: ["/ip4/127.0.0.1/tcp/0"], isRelay: true });
  const runner = await add("runner", { bootstrap: relay.addresses });
  await relayed(runner, 0);
  const seen = runner.program.lines.length;
  await relay.program.kill();
  const [address = ""] = relay.addresses;
  const again = await add("relay", { listen: [address.slice(0, address.indexOf("/p2p/"))], isRelay: true });
  expect(again.id).toBe(relay.id);

  const { addresses } = Addresses.parse(await relayed(runner, seen));
  const visitor = await add("visitor", { visits: { to: runner.id, addresses, count: 3, bytes: 1024 } });
  expect(await visitor.program.waitFor("visited")).toMatchObject({ done: 3, failures: [] });
});

test("a machine that was killed is found under its old id and by its old address", async () => {
  const first = await add("machine", { listen: ["/ip4/127.0.0.1/tcp/0"] });
  await first.program.kill();
  const [address = ""] = first.addresses;
  const again = await add("machine", { listen: [address.slice(0, address.indexOf("/p2p/"))] });
  expect(again.addresses).toEqual(first.addresses);
  const visits = { to: first.id, addresses: first.addresses, count: 3, bytes: 1024 };
  const visitor = await add("guest", { visits });
  expect(await visitor.program.waitFor("visited")).toMatchObject({ done: 3, way: "direct" });
});
