import { DiscoveryLabel } from "@infernet/schemas/peer/discovery-label";
import { expect, test } from "vitest";
import { runnerIdOf } from "../peer-id.ts";
import { TestPeers } from "../testing/test-peers.ts";
import { labelCid } from "./label-cid.ts";
import { nearestOf } from "./nearest-of.ts";

test("what is near is what the DHT takes for near", async () => {
  await using peers = new TestPeers();
  const nodes = [];
  for (let i = 0; i < 5; i++) nodes.push(await peers.open());
  const asker = await peers.open({ listen: [] });
  expect(await asker.joined(AbortSignal.timeout(20_000))).toBe(true);
  const ids = nodes.map(({ id }) => id);
  const { multihash } = await labelCid(DiscoveryLabel.parse("infernet/1/class/onnx/24"));
  const ofDht = async (): Promise<unknown[]> => {
    const found = [];
    for await (const event of asker.libp2p.services.dht.getClosestPeers(multihash.bytes))
      if (event.name === "FINAL_PEER") found.push(runnerIdOf(event.peer.id));
    return found;
  };
  await expect.poll(ofDht, { timeout: 20_000 }).toEqual(nearestOf(multihash.bytes, ids, 5));
});
