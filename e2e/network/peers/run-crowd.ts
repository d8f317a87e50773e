import { parseArgs } from "node:util";
import type { RunnerId } from "@infernet/schemas/ids";
import { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { createIdentity, loadIdentity } from "infernet-runner/identity/identity";
import { createPeerNode } from "infernet-runner/p2p/node/create-peer-node";
import { surviveLibraryFaults } from "infernet-runner/p2p/node/library-faults";
import { announce } from "infernet-runner/p2p/testing/announcer";

/** Machines that announce themselves, many in one process, each on a port of its own. */
const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1" },
    host: { type: "string", default: "127.0.0.1" },
    // Of the first, whose identity lasts; else it has a new one each time.
    home: { type: "string" },
    listen: { type: "string", multiple: true },
    bootstrap: { type: "string", multiple: true, default: [] },
    // The first is a relay.
    relay: { type: "boolean", default: false },
  },
});
const say = (event: string, facts: object = {}): void => console.log(JSON.stringify({ event, ...facts }));

surviveLibraryFaults((error) => say("library_fault", { stack: error.stack }));
const ids: RunnerId[] = [];
const addresses: PeerAddress[] = [];
for (let n = 0; n < Number(values.count); n += 1) {
  const isFirst = n === 0;
  const identity = isFirst && values.home !== undefined ? await loadIdentity(values.home) : createIdentity();
  const node = await createPeerNode({
    identity,
    listen: isFirst && values.listen !== undefined ? values.listen : [`/ip4/${values.host}/tcp/0`],
    bootstrap: values.bootstrap.map((address) => PeerAddress.parse(address)),
    isServer: values.relay && isFirst,
  });
  await announce(node, identity, { vram_gib: 12 });
  ids.push(identity.id);
  addresses.push(...node.addresses);
}
say("listening", { ids, addresses });
