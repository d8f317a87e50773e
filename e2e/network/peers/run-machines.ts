import { parseArgs } from "node:util";
import { LIMITS } from "@infernet/schemas/limits";
import { BootstrapAddress } from "@infernet/schemas/peer/bootstrap";
import { createIdentity } from "infernet-runner/identity/identity";
import { createPeerNode } from "infernet-runner/p2p/node/create-peer-node";
import { surviveLibraryFaults } from "infernet-runner/p2p/node/library-faults";
import { type Announcer, announce } from "infernet-runner/p2p/testing/announcer";

/** Machines that announce themselves, several in one process: each with a node, a key and a port of its own. */
const { values } = parseArgs({
  options: {
    bootstrap: { type: "string", multiple: true, default: [] },
    /** GPU memory of each machine, in GiB. */
    vram: { type: "string", multiple: true, default: [] },
    "record-ms": { type: "string", default: "" },
    "renew-ms": { type: "string", default: "" },
  },
});
const say = (event: string, facts: object = {}): void => console.log(JSON.stringify({ event, ...facts }));

surviveLibraryFaults((error) => say("library_fault", { detail: error.message }));
const bootstrap = values.bootstrap.map((address) => BootstrapAddress.parse(address));
const machines: Announcer[] = [];
for (const gib of values.vram) {
  const identity = createIdentity();
  const first = machines[0]?.node.addresses ?? [];
  const node = await createPeerNode({
    ...{ identity, listen: ["/ip4/127.0.0.1/tcp/0"], bootstrap: bootstrap.length > 0 ? bootstrap : first },
    // All of them have one address, as no network of machines has.
    ...{ per_host_max: 1_000, inbound_per_second_max: 1_000 },
  });
  machines.push(
    await announce(node, identity, {
      vram_gib: Number(gib),
      record_ms: Number(values["record-ms"]),
      renew_ms: Number(values["renew-ms"]),
      debounce_ms: LIMITS.peer_record_debounce_ms,
      short_ms: Number(values["renew-ms"]) / 4,
      onPublished: (holders) => say("kept", { id: identity.id, holders }),
    }),
  );
  say("machine", { id: identity.id, addresses: node.addresses });
}
say("ready");
process.once("SIGTERM", async () => {
  await Promise.all(machines.map((machine) => machine.leave()));
  process.exit(0);
});
