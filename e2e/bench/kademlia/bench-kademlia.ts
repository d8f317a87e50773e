import { GrownNetwork } from "../../sim/kademlia/grown-network.ts";
import { OUR_PARAMS } from "../../sim/kademlia/kad-params.ts";
import { grow } from "../../sim/kademlia/live-through.ts";
import { measureNetwork } from "../../sim/kademlia/measure-network.ts";
import { createRandom } from "../../sim/random.ts";
import type { BenchContext, BenchResult } from "../bench-part.ts";
import { formatNumber } from "../format-number.ts";
import { renderTable } from "../render-table.ts";
import { measureGrinding } from "./measure-grinding.ts";
import { type KadReport, measureKad } from "./measure-kad.ts";

/** More would be too many connections of one address: `peer_connections_per_host_max`. */
const NODES = 30;
const LOOK_UPS = 20;
const SEED = 1;

/** Look-ups of real nodes on loopback beside those of the simulator, as far as both can be counted. */
export async function benchKademlia(context: BenchContext): Promise<BenchResult> {
  const ids_per_second = measureGrinding();
  const real = await measureKad(NODES, LOOK_UPS, context);
  const simulated = simulate();
  const text = renderTable(
    [`${NODES} nodes`, "contacts", "questions of a look-up", "nearest k found"],
    [
      ["libp2p on loopback", real],
      ["simulated", simulated],
    ].map(([name, one]) => rowOf(String(name), one as Compared)),
  );
  const notes = `  a look-up ${formatNumber(real.median_ms)} ms in the middle, on ${NODES} nodes in one process
  on the wire ${formatNumber(real.question_bytes)} bytes for a question with its answer
  ${formatNumber(ids_per_second)} ids a second of one core, for whoever wants some near a key`;
  return {
    report: { nodes: NODES, look_ups: LOOK_UPS, real, simulated, ids_per_second },
    text: `${text}\n\n${notes}`,
  };
}

type Compared = Pick<KadReport, "contacts_mean" | "messages_mean" | "nearest_share">;

const rowOf = (name: string, { contacts_mean, messages_mean, nearest_share }: Compared): string[] => [
  name,
  contacts_mean.toFixed(1),
  messages_mean.toFixed(1),
  `${(100 * nearest_share).toFixed(1)} %`,
];

function simulate(): Compared {
  const random = createRandom(SEED, "beside real nodes");
  const network = new GrownNetwork(OUR_PARAMS, random);
  grow(network, NODES, 1);
  return measureNetwork(network, LOOK_UPS, random);
}
