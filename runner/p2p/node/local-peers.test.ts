import { createSocket } from "node:dgram";
import { expect, test } from "vitest";
import { TestPeers } from "../testing/test-peers.ts";

/** Of mDNS (RFC 6762). */
const GROUP = "224.0.0.251";

/** Why nothing sent to a group comes back on this machine, or null. */
async function noMulticast(): Promise<string | null> {
  const socket = createSocket({ type: "udp4", reuseAddr: true });
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const timer = setTimeout(() => resolve("what is sent to a group does not come back here"), 2_000);
  socket.on("error", (error) => resolve(error.message));
  socket.on("message", () => resolve(null));
  socket.bind(0, () => {
    try {
      socket.addMembership(GROUP);
      socket.setMulticastLoopback(true);
      socket.send("here", socket.address().port, GROUP, (error) => error && resolve(error.message));
    } catch (error) {
      resolve(String(error));
    }
  });
  return promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}

test("peers of the local network find each other with nobody to begin with", async ({ skip }) => {
  const reason = await noMulticast();
  if (reason !== null) {
    console.log(`peers of the local network are not tried: ${reason}`);
    skip(reason);
  }
  await using peers = new TestPeers();
  const local = { bootstrap: [], isLocal: true };
  const first = await peers.open({ ...local, listen: ["/ip4/127.0.0.1/tcp/0"] });
  const second = await peers.open({ ...local, listen: [] });
  await expect.poll(() => second.connected(), { timeout: 30_000 }).toContain(first.id);
});
