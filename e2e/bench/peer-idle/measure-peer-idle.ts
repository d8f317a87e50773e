import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { PeerAddress } from "@infernet/schemas/peer/peer-record";
import { z } from "zod";
import { startEdge } from "../../network/edge-process.ts";
import { edgeSite } from "../../network/namespaces/edge-site.ts";
import { explainNoLab } from "../../network/namespaces/explain-no-lab.ts";
import { type Lab, type LabMachine, openLab } from "../../network/namespaces/lab.ts";
import type { Program } from "../../network/program.ts";
import { startRunner } from "../../network/runner-process.ts";
import { createTempFolder } from "../../network/temp-folder.ts";
import type { BenchContext } from "../bench-part.ts";
import { treeUse } from "../process-use.ts";
import { runnerBuilds } from "../runner-builds.ts";

/** Others, several on each address, so that no limit of one host counts. */
const CROWD = { hosts: 7, nodes_each: 7 };
/** What a start leaves to do: look-ups, reservations, the first announcements. */
const SETTLE_MS = 90_000;
const MEASURE_MS = 300_000;
const HOUR_MS = 3_600_000;

export interface IdleMachine {
  process: string;
  resident_bytes: number;
  /** Of one core. */
  cpu_share: number;
  received_bytes_per_hour: number;
  sent_bytes_per_hour: number;
}

export interface PeerIdleReport {
  nodes: number;
  minutes: number;
  machines: IdleMachine[];
}

const CROWD_PROGRAM = fileURLToPath(new URL("../../network/peers/run-crowd.ts", import.meta.url));
const Listening = z.looseObject({ addresses: z.array(PeerAddress) });

/** Runners and a peer for others that do nothing in a network of peers, each on a machine of its own. */
export async function measurePeerIdle({ cleanup, say }: BenchContext): Promise<PeerIdleReport> {
  const obstacle = await explainNoLab();
  if (obstacle !== null) throw new Error(`peer-idle counts the bytes of network namespaces: ${obstacle}`);
  const { path, remove } = createTempFolder();
  cleanup.add(remove);
  const lab = await openLab();
  cleanup.add(lab.close);

  say(`${CROWD.hosts * CROWD.nodes_each} others begin`);
  const first = await startCrowd(lab, 0, []);
  cleanup.add(first.program.kill);
  const bootstrap = first.addresses.slice(0, 1);
  for (let n = 1; n < CROWD.hosts; n += 1) {
    const { program } = await startCrowd(lab, n, bootstrap);
    cleanup.add(program.kill);
  }

  const edgeMachine = await lab.addServer("edge");
  const edge = await startEdge({
    state: join(path, "edge"),
    environment: { PEERS: bootstrap.join(",") },
    site: edgeSite(edgeMachine, cleanup),
  });
  cleanup.add(edge.program.kill);
  const edgeUrl = `http://${edgeMachine.address}:${edge.port}`;
  const builds = await runnerBuilds({ cleanup });
  const [packed, sources] = [builds.at(-2), builds.at(-1)];
  if (packed === undefined || sources === undefined) throw new Error("there is no runner to measure");
  const measured: { title: string; machine: LabMachine; program: Program }[] = [];
  const add = async (title: string, machine: LabMachine, file: string, args: string[]): Promise<void> => {
    const options = { edgeUrl, name: machine.name, folder: path, file, args, start: machine.start };
    const { program } = await startRunner(options);
    cleanup.add(program.kill);
    measured.push({ title, machine, program });
  };
  const router = (name: string): Promise<LabMachine> => lab.addHome(name, "port_restricted");
  await add("package, without peers", await router("alone"), packed.file, ["--no-p2p"]);
  await add("package, behind a router", await router("home"), packed.file, []);
  const server = await lab.addServer("listening");
  const listen = ["--peers-listen", `/ip4/${server.address}/tcp/4801`];
  await add("package, listening", server, packed.file, listen);
  await add("sources, behind a router", await router("sources"), sources.file, []);

  say(`${SETTLE_MS / 1000} s to settle`);
  await delay(SETTLE_MS);
  say(`${MEASURE_MS / 60_000} minutes to measure`);
  const read = () =>
    measured.map((one) => ({ ...treeUse(one.program.pid), ...one.machine.traffic(), at: performance.now() }));
  const before = read();
  await delay(MEASURE_MS);
  const after = read();
  return {
    nodes: CROWD.hosts * CROWD.nodes_each + measured.length - 1,
    minutes: MEASURE_MS / 60_000,
    machines: measured.map(({ title }, n) => {
      const [begin, end] = [before[n], after[n]];
      if (begin === undefined || end === undefined) throw new Error(`${title} was not measured`);
      const elapsed_ms = end.at - begin.at;
      const anHour = (bytes: number): number => (bytes * HOUR_MS) / elapsed_ms;
      return {
        process: title,
        resident_bytes: end.resident_bytes,
        cpu_share: (end.cpu_ms - begin.cpu_ms) / elapsed_ms,
        received_bytes_per_hour: anHour(end.received_bytes - begin.received_bytes),
        sent_bytes_per_hour: anHour(end.sent_bytes - begin.sent_bytes),
      };
    }),
  };
}

async function startCrowd(lab: Lab, n: number, bootstrap: readonly PeerAddress[]) {
  const machine = await lab.addServer(`crowd-${n}`);
  const program = machine.start({
    name: machine.name,
    file: CROWD_PROGRAM,
    args: [
      ...["--count", String(CROWD.nodes_each), "--host", machine.address],
      ...(n === 0 ? ["--relay"] : []),
      ...bootstrap.flatMap((address) => ["--bootstrap", address]),
    ],
  });
  const { addresses } = Listening.parse(await program.waitFor("listening"));
  return { program, addresses };
}
