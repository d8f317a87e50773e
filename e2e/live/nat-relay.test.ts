import { join } from "node:path";
import { PeerAddress } from "@infernet/schemas/peer/peer-record";
import type { Reachability } from "infernet-runner/p2p/node/reachability";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { Cleanup } from "../network/cleanup.ts";
import type { LogLine } from "../network/log-stream.ts";
import { explainNoLab } from "../network/namespaces/explain-no-lab.ts";
import { type Lab, type LabMachine, openLab } from "../network/namespaces/lab.ts";
import { type PeerProcess, type PeerProcessOptions, startPeer } from "../network/peers/peer-process.ts";
import type { VisitReport, Visits } from "../network/peers/visit-peer.ts";
import { createTempFolder } from "../network/temp-folder.ts";

const PORT = 4801;
const MIB = 1024 ** 2;

const obstacle = await explainNoLab();
if (obstacle !== null) console.warn(`skipped, for want of network namespaces: ${obstacle}`);

const cleanup = new Cleanup();
let lab: Lab;
let folder: string;
beforeAll(async () => {
  if (obstacle !== null) return;
  const temp = createTempFolder();
  cleanup.add(temp.remove);
  folder = temp.path;
  lab = await openLab();
  cleanup.add(lab.close);
});
afterAll(() => cleanup.run());

let count = 0;
async function addPeer(machine: LabMachine, options: Partial<PeerProcessOptions> = {}): Promise<PeerProcess> {
  count += 1;
  const name = `${machine.name}-${count}`;
  const peer = await startPeer({ name, home: join(folder, name), start: machine.start, ...options });
  cleanup.add(peer.program.kill);
  return peer;
}

const addRelay = async (name: string): Promise<PeerProcess> => {
  const machine = await lab.addServer(name);
  return addPeer(machine, { isRelay: true, listen: [`/ip4/${machine.address}/tcp/${PORT}`] });
};

const Addresses = z.looseObject({ addresses: z.array(PeerAddress) });
const isRelayed = (address: string): boolean => address.includes("/p2p-circuit");

/** The addresses of a peer, as soon as it has some by a relay, and by this one where one is named. */
async function relayedAddresses({ program }: PeerProcess, relay?: PeerProcess): Promise<PeerAddress[]> {
  const isBy = (address: string): boolean =>
    isRelayed(address) && (relay === undefined || relay.addresses.some((own) => address.startsWith(own)));
  const line = await program.waitFor("addresses", (one) => Addresses.parse(one).addresses.some(isBy));
  return Addresses.parse(line).addresses.filter(isBy);
}

async function visit(machine: LabMachine, visits: Visits, options: Partial<PeerProcessOptions> = {}) {
  const visitor = await addPeer(machine, { visits, ...options });
  const report = (await visitor.program.waitFor("visited")) as LogLine & VisitReport;
  return { visitor, report };
}

test.skipIf(obstacle !== null)(
  "whoever is behind a symmetric NAT is reached by a relay, every time and with whole jobs",
  async () => {
    const relay = await addRelay("relay");
    const runner = await addPeer(await lab.addHome("runner", "symmetric"), { bootstrap: relay.addresses });
    const addresses = await relayedAddresses(runner);
    const client = await lab.addHome("client", "symmetric");

    const small = await visit(client, { to: runner.id, addresses, count: 40, bytes: 1024 });
    expect(small.report).toMatchObject({ done: 40, failures: [], way: "relayed" });
    const large = await visit(client, { to: runner.id, addresses, count: 8, bytes: 2 * MIB });
    expect(large.report).toMatchObject({ done: 8, failures: [], way: "relayed" });
    await saysThatItIs("relayed", runner);
  },
);

test.skipIf(obstacle !== null)("when its relay dies, it is reached by another", async () => {
  const [first, second] = [await addRelay("first"), await addRelay("second")];
  const runner = await addPeer(await lab.addHome("runner", "symmetric"), {
    bootstrap: [...first.addresses, ...second.addresses],
  });
  await relayedAddresses(runner);
  await first.program.kill();
  const addresses = await relayedAddresses(runner, second);
  const client = await lab.addHome("client", "symmetric");

  const { report } = await visit(client, { to: runner.id, addresses, count: 5, bytes: 1024 });
  expect(report).toMatchObject({ done: 5, failures: [], way: "relayed" });
});

const saysThatItIs = (reachability: Reachability, { program }: PeerProcess) =>
  program.waitFor("reachability", (line) => line.reachability === reachability);

test.skipIf(obstacle !== null)(
  "who listens finds out by its first peer how others reach it, and says so",
  async () => {
    const relay = await addRelay("asked");
    const options = { listen: [`/ip4/0.0.0.0/tcp/${PORT}`], bootstrap: relay.addresses };
    const [open, forwarded, walled, hidden] = [
      await addPeer(await lab.addServer("open"), options),
      await addPeer(await lab.addHome("forwarded", "full_cone"), options),
      await addPeer(await lab.addServer("walled", "no_inbound"), options),
      await addPeer(await lab.addHome("hidden", "port_restricted"), options),
    ];
    await saysThatItIs("direct", open);
    await saysThatItIs("direct", forwarded);
    await saysThatItIs("relayed", walled);
    await saysThatItIs("relayed", hidden);
  },
);

test.skipIf(obstacle !== null)(
  "a machine behind a firewall whose peers are no relays says that it only goes to others",
  async () => {
    const machine = await lab.addServer("plain");
    const peer = await addPeer(machine, { listen: [`/ip4/${machine.address}/tcp/${PORT}`] });
    const bootstrap = [PeerAddress.parse(`/ip4/${machine.address}/tcp/${PORT}`)];
    const walled = await addPeer(await lab.addServer("walled", "no_inbound"), { bootstrap });
    await walled.program.waitFor("connection", (line) => line.peer === peer.id);
    await saysThatItIs("outbound", walled);
    expect(walled.program.lines.filter(({ event }) => event === "reachability")).toHaveLength(1);
  },
);
