import { LIMITS } from "@infernet/schemas/limits";
import { expect, test } from "vitest";
import { peerIdOf } from "../peer-id.ts";
import { TestPeers } from "../testing/test-peers.ts";

test("a ping is answered, as often as it is asked", async () => {
  await using peers = new TestPeers();
  const [server, client] = [await peers.open(), await peers.open({ listen: [] })];
  for (let n = 0; n < 3; n += 1)
    expect(await client.libp2p.services.ping.ping(peerIdOf(server.id))).toBeGreaterThanOrEqual(0);
});

test("who sends pings and reads no answer has its stream reset", async () => {
  await using peers = new TestPeers();
  const [server, client] = [await peers.open(), await peers.open({ listen: [] })];
  const stream = await client.libp2p.dialProtocol(peerIdOf(server.id), "/ipfs/ping/1.0.0");
  stream.pause();
  stream.send(new Uint8Array(8 * LIMITS.peer_ping_ahead_bytes_max));
  await expect.poll(() => stream.status).toBe("reset");
});
