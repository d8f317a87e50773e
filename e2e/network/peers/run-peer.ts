import { parseArgs } from "node:util";
import { LIMITS } from "@infernet/schemas/limits";
import { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { loadIdentity } from "infernet-runner/identity/identity";
import { createPeerNode } from "infernet-runner/p2p/node/create-peer-node";
import { openMessages } from "infernet-runner/p2p/stream/message-stream";
import { ECHO_PROTOCOL } from "./echo-protocol.ts";

/** A node that answers each message with the same: the network of peers with nothing of a runner around it. */
const { values } = parseArgs({
  options: {
    home: { type: "string", default: "" },
    listen: { type: "string", multiple: true, default: [] },
    bootstrap: { type: "string", multiple: true, default: [] },
    relay: { type: "boolean", default: false },
  },
});
const say = (event: string, facts: object = {}): void => console.log(JSON.stringify({ event, ...facts }));

const node = await createPeerNode({
  identity: await loadIdentity(values.home),
  listen: values.listen,
  bootstrap: values.bootstrap.map((address) => PeerAddress.parse(address)),
  isServer: values.relay,
});
await node.serve(ECHO_PROTOCOL, async (stream) => {
  const messages = openMessages(stream);
  for (;;) await messages.sendBytes(await messages.receiveBytes(LIMITS.peer_message_ms_max));
});
say("listening", { id: node.id, addresses: node.addresses });
node.libp2p.addEventListener("self:peer:update", () =>
  say("addresses", { addresses: node.addresses, reachability: node.reachability }),
);
process.once("SIGTERM", () => void node.stop().then(() => process.exit(0)));
