import { join } from "node:path";
import { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { z } from "zod";
import { explainNoLab } from "../../network/namespaces/explain-no-lab.ts";
import { type Lab, type LabMachine, openLab } from "../../network/namespaces/lab.ts";
import type { NatKind } from "../../network/namespaces/nat-kind.ts";
import { type PeerProcess, startPeer } from "../../network/peers/peer-process.ts";
import type { VisitReport } from "../../network/peers/visit-peer.ts";
import { createTempFolder } from "../../network/temp-folder.ts";
import type { BenchContext } from "../bench-part.ts";

const RUNNERS: readonly NatKind[] = ["none", "full_cone", "port_restricted", "symmetric", "no_inbound"];
const CLIENTS: readonly NatKind[] = ["none", "port_restricted", "symmetric"];
const MESSAGES = { count: 20, bytes: 64 * 1024 };
const PORT = 4801;

export interface NatPair {
  runner: NatKind;
  client: NatKind;
  /** Of so many messages that were sent, those that came back. */
  sent: number;
  done: number;
  way: VisitReport["way"];
  /** Until the first had come back. */
  first_ms: number | null;
  /** Median of the others. */
  next_ms: number | null;
}

const Addresses = z.looseObject({ addresses: z.array(PeerAddress) });

/** Every kind of client visits every kind of runner, both of which listen and have one relay to begin with. */
export async function measureNat({ cleanup, say }: BenchContext): Promise<NatPair[]> {
  const obstacle = await explainNoLab();
  if (obstacle !== null) throw new Error(`nat needs network namespaces: ${obstacle}`);
  const { path, remove } = createTempFolder();
  cleanup.add(remove);
  const lab = await openLab();
  cleanup.add(lab.close);
  const site = await lab.addServer("relay");
  const relay = await startPeer({
    ...{ name: "relay", home: join(path, "relay"), start: site.start },
    ...{ listen: [`/ip4/${site.address}/tcp/${PORT}`], isRelay: true },
  });
  cleanup.add(relay.program.kill);

  const pairs: NatPair[] = [];
  for (const kind of RUNNERS) {
    const runner = await add(lab, kind, `runner-${kind}`, path, { bootstrap: relay.addresses });
    cleanup.add(runner.program.kill);
    const line = await runner.program.waitFor("addresses", (one) =>
      Addresses.parse(one).addresses.some((address) => address.includes("11.0.0.")),
    );
    const { addresses } = Addresses.parse(line);
    for (const client of CLIENTS) {
      const visits = { to: runner.id, addresses, ...MESSAGES };
      const visitor = await add(lab, client, `client-${client}-${kind}`, path, { visits });
      const report = (await visitor.program.waitFor("visited")) as unknown as VisitReport;
      await visitor.program.kill();
      const { done, way, first_ms, next_ms } = report;
      pairs.push({ runner: kind, client, sent: MESSAGES.count, done, way, first_ms, next_ms });
      say(`${kind} visited from ${client}: ${done} of ${MESSAGES.count}, ${way}`);
    }
    await runner.program.kill();
  }
  return pairs;
}

async function add(
  lab: Lab,
  kind: NatKind,
  name: string,
  folder: string,
  options: Pick<Parameters<typeof startPeer>[0], "bootstrap" | "visits">,
): Promise<PeerProcess> {
  const machine: LabMachine =
    kind === "none" || kind === "no_inbound"
      ? await lab.addServer(name, kind)
      : await lab.addHome(name, kind);
  const listen = [`/ip4/0.0.0.0/tcp/${PORT}`];
  return startPeer({ name, home: join(folder, name), start: machine.start, listen, ...options });
}
