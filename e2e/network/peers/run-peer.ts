import { parseArgs } from "node:util";
import { RunnerId } from "@infernet/schemas/ids";
import { LIMITS } from "@infernet/schemas/limits";
import { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { Connection } from "@libp2p/interface";
import { loadIdentity } from "infernet-runner/identity/identity";
import { createPeerNode } from "infernet-runner/p2p/node/create-peer-node";
import { surviveLibraryFaults } from "infernet-runner/p2p/node/library-faults";
import { runnerIdOf } from "infernet-runner/p2p/peer-id";
import { openMessages } from "infernet-runner/p2p/stream/message-stream";
import { ECHO_PROTOCOL } from "./echo-protocol.ts";
import { visitPeer } from "./visit-peer.ts";

/** A node that answers each message with the same: the network of peers with nothing of a runner around it. */
const { values } = parseArgs({
  options: {
    home: { type: "string", default: "" },
    listen: { type: "string", multiple: true, default: [] },
    bootstrap: { type: "string", multiple: true, default: [] },
    relay: { type: "boolean", default: false },
    // Of a peer that it is to visit, once it listens.
    visit: { type: "string" },
    at: { type: "string", multiple: true, default: [] },
    visits: { type: "string", default: "1" },
    bytes: { type: "string", default: "1024" },
  },
});
const say = (event: string, facts: object = {}): void => console.log(JSON.stringify({ event, ...facts }));

surviveLibraryFaults((error) => say("library_fault", { stack: error.stack }));
const node = await createPeerNode({
  identity: await loadIdentity(values.home),
  listen: values.listen,
  bootstrap: values.bootstrap.map((address) => PeerAddress.parse(address)),
  isServer: values.relay,
  onReachability: (reachability) => say("reachability", { reachability }),
});
await node.serve(ECHO_PROTOCOL, async (stream) => {
  const messages = openMessages(stream);
  for (;;) await messages.sendBytes(await messages.receiveBytes(LIMITS.peer_message_ms_max));
});
say("listening", { id: node.id, addresses: node.addresses });
say("reachability", { reachability: node.reachability });
node.libp2p.addEventListener("self:peer:update", () => say("addresses", { addresses: node.addresses }));
const sayConnection = (connection: Connection): void =>
  say("connection", { peer: runnerIdOf(connection.remotePeer), way: node.wayOf(connection) });
node.libp2p.getConnections().forEach(sayConnection);
node.libp2p.addEventListener("connection:open", ({ detail }) => sayConnection(detail));
if (values.visit !== undefined) {
  const report = await visitPeer(node, {
    to: RunnerId.parse(values.visit),
    addresses: values.at.map((address) => PeerAddress.parse(address)),
    count: Number(values.visits),
    bytes: Number(values.bytes),
  });
  say("visited", report);
}
process.once("SIGTERM", () => void node.stop().then(() => process.exit(0)));
